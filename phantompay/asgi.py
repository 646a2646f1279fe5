"""The ASGI application: pages, API and webhooks over HTTP; browsers and the phone's audio over WebSocket."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "phantompay.settings")
http = get_asgi_application()

from channels.auth import AuthMiddlewareStack  # noqa: E402 (apps must be ready)
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from channels.security.websocket import AllowedHostsOriginValidator  # noqa: E402
from django.urls import path, re_path  # noqa: E402

from calls.bridge.consumer import TwilioStreamConsumer  # noqa: E402
from calls.live.routing import websocket_urlpatterns  # noqa: E402
from phantompay.checks import refuse_unsafe_start  # noqa: E402

refuse_unsafe_start()

application = ProtocolTypeRouter(
    {
        "http": http,
        "websocket": URLRouter(
            [
                # Twilio sends no Origin and no cookie; the consumer checks signature and token.
                path("twilio-stream", TwilioStreamConsumer.as_asgi()),
                re_path(
                    r"^ws/",
                    AllowedHostsOriginValidator(AuthMiddlewareStack(URLRouter(websocket_urlpatterns))),
                ),
            ]
        ),
    }
)
