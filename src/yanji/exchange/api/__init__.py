"""The JSON API, version 1: every flow, every question. Described by itself: /api/v1/openapi.json (OpenAPI 3.1), to read at
/api/v1/docs."""

from typing import Any

from ninja import NinjaAPI, Swagger
from ninja.openapi.schema import OpenAPISchema

from . import (
    answers,
    approvals,
    audit,
    boxes,
    buying,
    buying_rules,
    cabinets,
    case_asking,
    catalog,
    charges,
    consignment,
    counts,
    devices,
    differences,
    disposals,
    emergencies,
    explants,
    handheld,
    handheld_tasks,
    holds,
    import_papers,
    inspection_plans,
    invoices,
    labels,
    ledger,
    lendings,
    loan_sets,
    maps,
    notifications,
    offered,
    opened,
    orders,
    papers,
    putaways,
    readers,
    reasons,
    receipts,
    reservations,
    returns,
    scans,
    settled,
    store,
    supplier,
    supplier_returns,
    supply,
    theatre,
    tokens,
    transfers,
    unit_codes,
    ward,
    waves,
    webhooks,
)
from .auth import Bearer, Session
from .errors import install
from .speech import StrictParser, spoken

DESCRIPTION = """
Every request but the one for a token carries a bearer token; pages of the same site may use their session instead, with the
CSRF token as `X-CSRFToken`. Every act carries a `key` that the client chooses: sending
the same act again under its key does it once and gives the first answer (`repeated`). Units are named by `epc`, their
canonical identity. Sentences come in the language of Accept-Language (zh-hans, en).
"""


class SelfDescribing(NinjaAPI):
    """Describes itself once a process: to work that out takes seconds of a processor, and every visitor may ask for it."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self._described: dict[str, OpenAPISchema] = {}

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> OpenAPISchema:
        """The same one for everybody, not to be changed; the first asked for comes after the last part is added."""
        prefix = self.get_root_path(path_params or {}) if path_prefix is None else path_prefix
        if prefix not in self._described:
            self._described[prefix] = super().get_openapi_schema(path_prefix=prefix)
        return self._described[prefix]


api = SelfDescribing(
    title="Yanji",
    version="1",
    description=DESCRIPTION,
    urls_namespace="api-1",
    auth=[Bearer(), Session()],
    parser=StrictParser(),
    # From files of our own; without a validator's badge nothing on the page asks another site.
    docs=Swagger(settings={"validatorUrl": None}),
)
for part in (
    tokens,
    scans,
    settled,
    orders,
    store,
    returns,
    holds,
    ward,
    ledger,
    catalog,
    approvals,
    papers,
    reasons,
    answers,
    buying,
    buying_rules,
    import_papers,
    invoices,
    boxes,
    audit,
    counts,
    theatre,
    explants,
    emergencies,
    charges,
    consignment,
    loan_sets,
    transfers,
    offered,
    opened,
    unit_codes,
    disposals,
    supplier_returns,
    lendings,
    supply,
    receipts,
    inspection_plans,
    putaways,
    differences,
    supplier,
    waves,
    cabinets,
    readers,
    reservations,
    case_asking,
    handheld,
    handheld_tasks,
    maps,
    notifications,
    webhooks,
    labels,
    devices,
):
    api.add_router("", part.router)
install(api)
urls = spoken(api.urls)
