"""Which document, or which place, a scanned number names."""

from typing import Any

from django.db.models import Value

from yanji.places.queries import by_any_case

from .consign.models import LoanSet
from .counting.models import Count
from .disposal.models import Disposal
from .lending.models import Lending
from .models import Case, Issue, PurchaseOrder, Requisition, ShipNotice
from .models_return import DepartmentReturn
from .opened.models import OpenedPiece
from .sendback.models import SupplierReturn
from .theatre.models import Handover
from .transfer.models import Transfer
from .waves.models import Wave

DOCUMENTS: dict[str, Any] = {
    "order": PurchaseOrder,
    "notice": ShipNotice,
    "requisition": Requisition,
    "issue": Issue,
    "case": Case,
    "transfer": Transfer,
    "count": Count,
    "scrap": Disposal,
    "supplier_return": SupplierReturn,
    "lending": Lending,
    "loan_set": LoanSet,
    "handover": Handover,
    "department_return": DepartmentReturn,
    "opened": OpenedPiece,
    "wave": Wave,
}


def documents_named(texts: set[str]) -> dict[str, tuple[str, int]]:
    """Documents by number, places by code in any case: two statements however many kinds there are, none without texts."""
    if not texts:
        return {}
    first, *others = (
        model.objects.filter(number__in=texts).values_list(Value(kind), "number", "pk")
        for kind, model in DOCUMENTS.items()
    )
    found = {number: (kind, key) for kind, number, key in first.union(*others, all=True)}
    return found | {text: ("place", key) for text, key in by_any_case(texts).items()}
