"""The root of all addresses."""

from django.contrib.auth.decorators import login_not_required
from django.db import OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, include, path
from django.views.decorators.http import require_safe

from yanji.exchange.api import urls as api_urls


@login_not_required
@require_safe
def healthy(request: HttpRequest) -> HttpResponse:
    """For load balancers and `make up`: the server answers and its database does; 503 while it does not."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except OperationalError as error:
        return HttpResponse(f"no database: {error}\n", status=503, content_type="text/plain")
    return HttpResponse("ok\n", content_type="text/plain")


urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", healthy),
    path("api/v1/", api_urls),
    path("", include("yanji.web.urls")),
]
handler400 = "yanji.host.errors.bad_request"
handler403 = "yanji.host.errors.forbidden"
handler404 = "yanji.host.errors.not_found"
handler500 = "yanji.host.errors.broken"
