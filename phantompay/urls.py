from django.contrib import admin
from django.urls import include, path

from phantompay.health import healthz, readyz
from phantompay.metrics import metrics

urlpatterns = [
    path("healthz", healthz),
    path("readyz", readyz),
    path("metrics", metrics),
    path("admin/", admin.site.urls),
    path("twilio/", include("calls.telephony.urls")),
    path("api/", include("phantompay.api_urls")),
    path("", include("phantompay.page_urls")),
]
