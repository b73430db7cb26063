"""Who is told of what: the rules as a table that the hospital edits itself."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from yanji.access import queries
from yanji.access.models import Role
from yanji.ledger.api import Refused
from yanji.notify import rules
from yanji.notify.kinds import KINDS
from yanji.notify.models import Rule
from yanji.places import queries as place_queries
from yanji.places.actions import holds_everywhere

from ..page import act_key, page
from .forms import Plain
from .gate import actor_of, needs

EVERYBODY = gettext_lazy("Everybody who may see it")


class RuleForm(Plain):
    role = forms.ModelChoiceField(
        queries.roles(), label=gettext_lazy("Who is told"), required=False, empty_label=EVERYBODY
    )
    person = forms.CharField(label=gettext_lazy("Or one person: user name"), max_length=80, required=False)
    channels = forms.MultipleChoiceField(
        label=gettext_lazy("Besides the list in the app"),
        choices=list(rules.CHANNELS.items()),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    escalate_after = forms.IntegerField(
        label=gettext_lazy("Escalated after minutes without acknowledgement"),
        min_value=1,
        max_value=rules.MOST_MINUTES,
        required=False,
    )
    escalate_to = forms.ModelChoiceField(
        queries.roles(), label=gettext_lazy("Escalated to"), required=False, empty_label="–"
    )

    def clean_person(self) -> int | None:
        name = self.cleaned_data["person"].strip()
        if not name:
            return None
        found = rules.person_named(name)
        if found is None:
            raise forms.ValidationError(_("Nobody of the hospital signs in with this name."))
        return found

    def said(self) -> dict[str, Any]:
        got = self.cleaned_data
        return {
            "role_id": _key(got["role"]),
            "person_id": got["person"],
            "channels": got["channels"],
            "escalate_after": got["escalate_after"],
            "escalate_to_id": _key(got["escalate_to"]),
        }


def _key(role: Role | None) -> int | None:
    return role.pk if role else None


class NewRuleForm(RuleForm):
    kind = forms.ChoiceField(label=gettext_lazy("What about"))
    place = forms.ChoiceField(label=gettext_lazy("At, and everywhere below"), required=False)
    field_order = ("kind", "place", "role", "person", "channels", "escalate_after", "escalate_to")

    def __init__(self, *args: Any, paths: tuple[str, ...], everywhere: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        nodes = place_queries.tree(paths=paths)
        self.fields["kind"].choices = [(code, kind.title) for code, kind in KINDS.items()]
        self.fields["place"].required = not everywhere
        self.fields["place"].choices = [
            ("", _("Everywhere") if everywhere else "–"),
            *((node.place.pk, "\u2003" * node.depth + node.place.name) for node in nodes),
        ]

    def said(self) -> dict[str, Any]:
        got = self.cleaned_data
        place = int(got["place"]) if got["place"] else None
        return {**super().said(), "kind": got["kind"], "place_id": place}


@needs("edit_rules")
@require_safe
def rules_page(request: HttpRequest) -> HttpResponse:
    return _rules_page(request)


def so_long(minutes: int | None) -> str:
    """Minutes as one says them: in days or hours where they come out even; nothing for none. Pure."""
    if not minutes:
        return ""
    if not minutes % 1440:
        return ngettext("%(n)s day", "%(n)s days", minutes // 1440) % {"n": minutes // 1440}
    if not minutes % 60:
        return ngettext("%(n)s hour", "%(n)s hours", minutes // 60) % {"n": minutes // 60}
    return ngettext("%(n)s minute", "%(n)s minutes", minutes) % {"n": minutes}


def _rules_page(request: HttpRequest, refused: Refused | None = None) -> HttpResponse:
    actor, asked = actor_of(request), request.GET.get("kind", "")
    found = rules.rules_for(actor, kind=asked if asked in KINDS else "")
    return page(
        request,
        "masterdata/notification_rules.html",
        status=409 if refused else 200,
        refused=refused,
        rows=[(rule, KINDS[rule.kind], so_long(rule.escalate_after)) for rule in found if rule.kind in KINDS],
        everywhere=holds_everywhere(actor, "edit_rules"),
        kinds=[(code, kind.title) for code, kind in KINDS.items()],
        channels=rules.CHANNELS,
        asked=asked,
    )


@needs("edit_rules")
def new_rule(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    form = NewRuleForm(
        request.POST or None,
        initial={"kind": request.GET.get("kind", "")},
        paths=actor.scopes.get("edit_rules", ()),
        everywhere=holds_everywhere(actor, "edit_rules"),
    )
    if not form.is_valid():
        return _form(request, form)
    try:
        rules.add_rule(actor=actor, key=act_key(request, "rule"), **form.said())
    except Refused as refused:
        return _form(request, form, refused=refused)
    messages.success(request, _("The rule holds from now on."))
    return redirect("masterdata:notification_rules")


@needs("edit_rules")
def edit_rule(request: HttpRequest, notification_rule_id: int) -> HttpResponse:
    actor = actor_of(request)
    rule = rules.rule_for(actor, notification_rule_id)
    shown = {
        "role": rule.role_id,
        "person": rule.person.username if rule.person else "",
        "channels": rule.channels,
        "escalate_after": rule.escalate_after,
        "escalate_to": rule.escalate_to_id,
    }
    form = RuleForm(request.POST or None, initial=shown)
    if not form.is_valid():
        return _form(request, form, rule)
    try:
        rules.edit_rule(
            actor=actor, key=act_key(request, "rule"), rule_id=notification_rule_id, **form.said()
        )
    except Refused as refused:
        return _form(request, form, rule, refused)
    messages.success(request, _("The rule was changed. It holds for what is open already, too."))
    return redirect("masterdata:notification_rules")


@require_POST
@needs("edit_rules")
def set_active(request: HttpRequest, notification_rule_id: int) -> HttpResponse:
    active = bool(request.POST.get("active"))
    key = act_key(request, f"rule{notification_rule_id}")
    try:
        rules.set_rule_active(actor=actor_of(request), key=key, rule_id=notification_rule_id, active=active)
    except Refused as refused:
        return _rules_page(request, refused)
    messages.success(request, _("The rule holds again.") if active else _("The rule has ended."))
    return redirect("masterdata:notification_rules")


def _form(
    request: HttpRequest, form: Plain, rule: Rule | None = None, refused: Refused | None = None
) -> HttpResponse:
    return page(
        request,
        "masterdata/notification_rule.html",
        status=409 if refused else 422 if form.errors else 200,
        refused=refused,
        form=form,
        rule=rule,
        kind=KINDS[rule.kind].title if rule else "",
    )
