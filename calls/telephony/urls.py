from django.urls import path

from calls.telephony import webhooks

urlpatterns = [
    path("voice/<uuid:call_id>/", webhooks.voice, name="twilio-voice"),
    path("after/<uuid:call_id>/", webhooks.after_stream, name="twilio-after"),
    path("instead/<uuid:call_id>/", webhooks.instead, name="twilio-instead"),
    path("announcement/<uuid:call_id>/<slug:step>/", webhooks.announcement, name="twilio-announcement"),
    path("transferred/<uuid:call_id>/", webhooks.transferred, name="twilio-transferred"),
    path("colleague/<uuid:call_id>/", webhooks.colleague, name="twilio-colleague"),
    path("message/<uuid:confirmation_id>/", webhooks.message, name="twilio-message"),
    path("status/<uuid:call_id>/", webhooks.status, name="twilio-status"),
]
