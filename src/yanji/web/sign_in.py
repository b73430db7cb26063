"""Signing in and out; too many wrong passwords for one name from one address close the door for a while."""

from typing import Any

from django.conf import settings
from django.contrib.auth import authenticate
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from yanji.access.operations import STANDARD_ROLES

from .badge_in import badge_page
from .lockout import LOCK_MINUTES, is_locked, record_failure
from .preferences import keep_what_was_chosen_at_the_door
from .shared import begin, device_of


class SignInForm(AuthenticationForm):
    """Django's form, with the lock around it."""

    def clean(self) -> dict[str, Any]:
        username, password = self.cleaned_data.get("username"), self.cleaned_data.get("password")
        if not username or not password:
            return self.cleaned_data
        if is_locked(username, self.address):
            # Before the password is looked at: a locked door tells nothing about it.
            raise ValidationError(
                _("Too many wrong passwords. Wait %(minutes)s minutes, or ask your administrator.")
                % {"minutes": LOCK_MINUTES},
                code="locked",
            )
        self.user_cache = authenticate(self.request, username=username, password=password)
        if self.user_cache is None:
            record_failure(username, self.address)
            raise ValidationError(
                _("Name and password do not match. Check both, then try again."), code="invalid_login"
            )
        self.confirm_login_allowed(self.user_cache)
        return self.cleaned_data

    @property
    def address(self) -> str:
        return (self.request.META.get("REMOTE_ADDR") or "")[:45]


class SignIn(LoginView):
    """The door. Demo accounts are offered only where the site says that it is a demonstration."""

    template_name = "web/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        device = device_of(request)
        if device is not None and "password" not in request.GET:
            return badge_page(request, device)
        return super().get(request, *args, **kwargs)

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        response = super().form_valid(form)
        if (device := device_of(self.request)) is not None:
            # Whoever signs in here, by whatever means: the screen stays behind when they go.
            begin(self.request, device, form.get_user(), by_badge=False)
        keep_what_was_chosen_at_the_door(self.request, response, person=form.get_user())
        return response

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        return super().get_context_data(
            **context, demo_accounts=demo_accounts(self.request), device=device_of(self.request)
        )


def demo_accounts(request: HttpRequest) -> list[dict[str, str]]:
    """One account a role, to be filled in by a click; empty outside of a demonstration."""
    if not getattr(settings, "YANJI_DEMO", False):
        return []
    english = request.LANGUAGE_CODE.startswith("en")
    accounts = getattr(settings, "YANJI_DEMO_ACCOUNTS", ())
    roles = [role for _username, _password, role in accounts]
    names = [STANDARD_ROLES[role][1 if english else 0] for role in roles]
    return [
        {
            "username": username,
            "password": password,
            # A second one of a role is told apart by the name under which it signs in.
            "role": f"{name} · {username}" if role in roles[:number] else name,
            "code": role,
        }
        for number, ((username, password, role), name) in enumerate(zip(accounts, names, strict=True))
    ]
