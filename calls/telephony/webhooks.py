from uuid import UUID
from django.http import HttpRequest, HttpResponse
def voice(request: HttpRequest, call_id: UUID) -> HttpResponse: return HttpResponse()
def after_stream(request: HttpRequest, call_id: UUID) -> HttpResponse: return HttpResponse()
def status(request: HttpRequest, call_id: UUID) -> HttpResponse: return HttpResponse()
