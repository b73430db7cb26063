"""The API alone, at its own address: its tests need no pages."""

from django.urls import path

from yanji.exchange.api import urls

urlpatterns = [path("api/v1/", urls)]
