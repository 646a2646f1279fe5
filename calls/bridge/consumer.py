from channels.generic.websocket import AsyncWebsocketConsumer


class TwilioStreamConsumer(AsyncWebsocketConsumer):
    pass
