"""The smallest site that posts: the product's own handler, to be killed under load without a sign-in in the way."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import path

from tests.drills.client import act, hospital
from yanji.host.asgi import Handler


def do(request: HttpRequest, key: str) -> HttpResponse:
    return HttpResponse(act(key, hospital()))


urlpatterns = [path("do/<str:key>", do)]
settings.ROOT_URLCONF = __name__
settings.MIDDLEWARE = []
application = Handler()
