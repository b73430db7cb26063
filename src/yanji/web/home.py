"""The first page after the sign-in."""

from django.http import HttpRequest, HttpResponse

from .page import page


def home(request: HttpRequest) -> HttpResponse:
    return page(request, "web/home.html")
