"""Suppliers and the papers that let them deliver; makers and their names."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from yanji.access.gates import NotFound
from yanji.catalog import actions, dated, queries
from yanji.catalog.models import Supplier
from yanji.flows.import_papers import papers_from

from ..page import page, page_of
from .forms import LicenceForm, MakerForm, SupplierForm
from .gate import actor_of, done, needs, tried


@needs("edit_catalog", "view")
@require_safe
def suppliers_page(request: HttpRequest) -> HttpResponse:
    asked = {name: request.GET.get(name, "")[:120] for name in ("q", "state")}
    today = timezone.localdate()
    found = queries.suppliers(asked["q"], active=asked["state"] != "stopped")
    if asked["state"] == "lapsed":
        found = found.filter(pk__in={supplier.pk for supplier, _kind in queries.lapsed_on(today)})
    rows = page_of(request, found)
    papers = queries.papers([row.pk for row in rows], today)
    return page(
        request,
        "masterdata/suppliers.html",
        partial="suppliers",
        rows=rows,
        shown=[(row, papers.get(row.pk, [])) for row in rows],
        asked=asked,
        may_edit=actor_of(request).may("edit_catalog"),
    )


@needs("edit_catalog")
def new_supplier(request: HttpRequest) -> HttpResponse:
    form = SupplierForm(request.POST or None)
    made: list[Supplier] = []
    if form.is_valid() and done(
        form, lambda: made.append(actions.create_supplier(actor=actor_of(request), fields=form.said()))
    ):
        messages.success(request, _("The supplier was entered. Add the licences now."))
        return redirect("masterdata:supplier", made[0].pk)
    return page(
        request,
        "masterdata/form.html",
        status=422 if form.errors else 200,
        form=form,
        title=_("New supplier"),
        back="masterdata:suppliers",
        back_label=_("Suppliers"),
    )


@needs("edit_catalog", "view")
def supplier_page(request: HttpRequest, supplier_id: int) -> HttpResponse:
    supplier = _supplier(supplier_id)
    actor, today = actor_of(request), timezone.localdate()
    may_edit = actor.may("edit_catalog")
    form = LicenceForm(request.POST or None, initial={"valid_from": today}) if may_edit else None
    if form and form.is_valid():
        got = form.cleaned_data
        if done(
            form,
            lambda: dated.set_licence(
                actor=actor,
                supplier_id=supplier_id,
                kind=got["kind"],
                number=got["number"],
                days=form.days(),
                maker_id=got["maker"].pk if got["maker"] else None,
            ),
        ):
            messages.success(request, _("The licence was added."))
            return redirect("masterdata:supplier", supplier_id)
    return page(
        request,
        "masterdata/supplier.html",
        status=422 if form and form.errors else 200,
        supplier=supplier,
        papers=queries.papers([supplier_id], today).get(supplier_id, []),
        licences=queries.licences_of(supplier_id),
        items=queries.search(supplier_id=supplier_id)[:20],
        import_papers=papers_from(actor, supplier_id, limit=20),
        form=form,
        may_edit=may_edit,
        today=today,
    )


@needs("edit_catalog")
def edit_supplier(request: HttpRequest, supplier_id: int) -> HttpResponse:
    supplier = _supplier(supplier_id)
    shown = {name: getattr(supplier, name) for name in SupplierForm.base_fields}
    form = SupplierForm(request.POST or None, initial=shown)
    if form.is_valid() and done(
        form,
        lambda: actions.edit_supplier(actor=actor_of(request), supplier_id=supplier_id, fields=form.said()),
    ):
        messages.success(request, _("The supplier was changed."))
        return redirect("masterdata:supplier", supplier_id)
    return page(
        request,
        "masterdata/form.html",
        status=422 if form.errors else 200,
        form=form,
        title=supplier.name,
        back="masterdata:suppliers",
        back_label=_("Suppliers"),
    )


@needs("edit_catalog")
def edit_maker(request: HttpRequest, maker_id: int) -> HttpResponse:
    maker = queries.makers().filter(pk=maker_id).first()
    if maker is None:
        raise NotFound("maker")
    form = MakerForm(
        request.POST or None, initial={name: getattr(maker, name) for name in MakerForm.base_fields}
    )
    if form.is_valid() and done(
        form,
        lambda: actions.edit_maker(actor=actor_of(request), maker_id=maker_id, **form.cleaned_data),
    ):
        messages.success(request, _("The maker was changed, for all its items."))
        return redirect("masterdata:items")
    return page(
        request,
        "masterdata/form.html",
        status=422 if form.errors else 200,
        form=form,
        title=maker.name,
        back="masterdata:items",
        back_label=_("Catalogue"),
    )


@require_POST
@needs("edit_catalog")
def set_active(request: HttpRequest, supplier_id: int) -> HttpResponse:
    active = bool(request.POST.get("active"))
    tried(
        request,
        lambda: actions.set_supplier_active(actor=actor_of(request), supplier_id=supplier_id, active=active),
        _("Orders to the supplier are possible again.")
        if active
        else _("No more orders go to the supplier."),
    )
    return redirect("masterdata:supplier", supplier_id)


def _supplier(supplier_id: int) -> Supplier:
    supplier = queries.suppliers(active=None).filter(pk=supplier_id).first()
    if supplier is None:
        raise NotFound("supplier")
    return supplier
