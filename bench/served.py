"""The product as it is served, with one bare view beside it to hold its pages against."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from yanji.host.asgi import Handler


@login_not_required
def bare(request: HttpRequest) -> HttpResponse:
    return HttpResponse("bare")


urlpatterns = [path("bare", bare), path("", include("yanji.host.urls"))]
settings.ROOT_URLCONF = __name__
application = Handler()
