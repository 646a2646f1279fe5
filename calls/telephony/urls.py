from django.urls import path

from calls.telephony import webhooks

urlpatterns = [
    path("voice/<uuid:call_id>/", webhooks.voice, name="twilio-voice"),
    path("after/<uuid:call_id>/", webhooks.after_stream, name="twilio-after"),
    path("status/<uuid:call_id>/", webhooks.status, name="twilio-status"),
]
