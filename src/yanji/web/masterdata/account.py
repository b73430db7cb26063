"""What everybody keeps for themselves: the password, and tokens for programs that act in their name."""

from datetime import timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout, update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from yanji.access import actions, badges, pins, tokens
from yanji.access.actor import Actor
from yanji.access.devices import go_on_as
from yanji.notify.pushing import browsers_of, public_key
from yanji.notify.wishes import keep_wish, wish_of

from ..browsers import COOKIE as BROWSER_COOKIE
from ..page import page
from .forms import Plain
from .gate import actor_of, done, tried

DAYS = ((30, "30"), (90, "90"), (365, "365"))


class OwnPasswordForm(Plain):
    old = forms.CharField(
        label=gettext_lazy("Old password"),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    new = forms.CharField(
        label=gettext_lazy("New password"),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )


class OwnBadgeForm(Plain):
    code = forms.CharField(
        label=gettext_lazy("Scan the badge"),
        max_length=badges.LONGEST,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )
    password = forms.CharField(
        label=gettext_lazy("Your password"),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class OwnPinForm(Plain):
    pin = forms.CharField(
        label=gettext_lazy("PIN, 4 to 8 digits"),
        max_length=pins.LONGEST,
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "inputmode": "numeric"}),
    )
    password = forms.CharField(
        label=gettext_lazy("Your password"),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class _Clock(forms.TimeField):
    """A time of the day, in the browser's own field."""

    widget = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")


class TokenForm(Plain):
    name = forms.CharField(label=gettext_lazy("What it is for"), max_length=80)
    days = forms.TypedChoiceField(label=gettext_lazy("Valid for days"), choices=DAYS, coerce=int, initial=90)


class WishForm(Plain):
    email = forms.EmailField(
        label=gettext_lazy("E-mail; empty: none is sent"), max_length=254, required=False
    )
    quiet_from = _Clock(label=gettext_lazy("Quiet from"), required=False)
    quiet_to = _Clock(label=gettext_lazy("Quiet until"), required=False)

    def clean(self) -> dict[str, Any]:
        said = super().clean()
        first, last = said.get("quiet_from"), said.get("quiet_to")
        if not self.errors and ((first is None) != (last is None) or (first and first == last)):
            raise forms.ValidationError(
                _("Quiet hours need a beginning and an end that differ. Enter both, or neither.")
            )
        return said


def account_page(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    sent = request.POST.get("form") if request.method == "POST" else None
    password = OwnPasswordForm(request.POST if sent == "password" else None)
    token = TokenForm(request.POST if sent == "token" else None)
    badge = OwnBadgeForm(request.POST if sent == "badge" else None)
    pin = OwnPinForm(request.POST if sent == "pin" else None)
    wished = wish_of(actor.person_id)
    kept = {"email": wished.email, "quiet_from": wished.quiet_from, "quiet_to": wished.quiet_to}
    wish = WishForm(request.POST if sent == "wish" else None, initial=kept)
    secret = ""
    if wish.is_valid() and done(wish, lambda: keep_wish(actor=actor, **wish.cleaned_data)):
        messages.success(request, _("You will be told as you chose."))
        return redirect("masterdata:account")
    if password.is_valid() and done(password, lambda: _change_password(request, password)):
        messages.success(request, _("Your password was changed."))
        return redirect("masterdata:account")
    if badge.is_valid() and done(badge, lambda: _set_badge(request, badge)):
        messages.success(request, _("Your badge signs for you from now on."))
        return redirect("masterdata:account")
    if pin.is_valid() and done(pin, lambda: _set_pin(request, pin)):
        messages.success(request, _("Your PIN opens shared devices from now on."))
        return redirect("masterdata:account")
    made: list[str] = []
    if token.is_valid() and done(token, lambda: made.append(_new_token(actor, token))):
        secret = made[0]
    return page(
        request,
        "masterdata/account.html",
        status=422 if any(form.errors for form in (password, token, badge, pin, wish)) else 200,
        password=password,
        badge=badge,
        pin=pin,
        has_pin=pins.has_pin(actor.person_id),
        wish=wish,
        sends_email=bool(settings.EMAIL_HOST),
        browsers=browsers_of(actor.person_id),
        push_key=public_key(),
        this_browser=request.COOKIES.get(BROWSER_COOKIE, ""),
        held=badges.badge_of(actor.person_id),
        token=TokenForm() if secret else token,
        secret=secret,
        tokens=tokens.tokens_of(actor.person_id),
        now=timezone.now(),
    )


def _change_password(request: HttpRequest, form: OwnPasswordForm) -> None:
    person = actions.change_password(
        actor=actor_of(request), old=form.cleaned_data["old"], new=form.cleaned_data["new"]
    )
    # This session goes on, under another key; all others of this person end.
    before = request.session.session_key or ""
    update_session_auth_hash(request, person)
    if request.shared:
        request.session.save()
        if not go_on_as(before, request.session.session_key or ""):
            logout(request)


def _new_token(actor: Actor, form: TokenForm) -> str:
    lapses = timezone.now() + timedelta(days=form.cleaned_data["days"])
    _made, secret = actions.create_token(actor=actor, name=form.cleaned_data["name"], expires_at=lapses)
    return secret


def _set_badge(request: HttpRequest, form: OwnBadgeForm) -> None:
    said = form.cleaned_data
    actions.set_own_badge(actor=actor_of(request), password=said["password"], code=said["code"])


def _set_pin(request: HttpRequest, form: OwnPinForm) -> None:
    key = request.session.session_key or ""
    actions.set_own_pin(actor=actor_of(request), session_key=key, **form.cleaned_data)


@require_POST
def end_badge(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    tried(
        request,
        lambda: actions.take_badge(actor=actor, person_id=actor.person_id),
        _("The badge means nothing any more."),
    )
    return redirect("masterdata:account")


@require_POST
def end_pin(request: HttpRequest) -> HttpResponse:
    tried(request, lambda: actions.end_own_pin(actor=actor_of(request)), _("The PIN opens nothing any more."))
    return redirect("masterdata:account")


@require_POST
def revoke_token(request: HttpRequest, token_id: int) -> HttpResponse:
    tried(
        request,
        lambda: actions.revoke_token(actor=actor_of(request), token_id=token_id),
        _("The token no longer works."),
    )
    return redirect("masterdata:account")
