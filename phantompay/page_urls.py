"""Every page of staff, without the admin."""

from django.contrib.auth.views import LoginView, LogoutView
from django.urls import include, path

from phantompay.views import dashboard

urlpatterns = [
    path("", dashboard, name="dashboard"),
    path("login/", LoginView.as_view(redirect_authenticated_user=True), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("", include("invoices.urls")),
    path("", include("calls.urls")),
]
