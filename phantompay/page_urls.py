"""Every page of staff, without the admin."""

from django.contrib.auth.views import LogoutView
from django.urls import include, path

from phantompay.health import health_fragment
from phantompay.views import StaffLoginView, dashboard, favicon

urlpatterns = [
    path("", dashboard, name="dashboard"),
    path("login/", StaffLoginView.as_view(), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("favicon.ico", favicon),
    path("operations/health/", health_fragment, name="health-fragment"),
    path("", include("invoices.urls")),
    path("", include("calls.urls")),
]
