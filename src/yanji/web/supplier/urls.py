"""Addresses of the suppliers' pages."""

from django.urls import path
from django.views.decorators.http import require_safe

from ..buyer import notice, settled_invoice
from ..flow.gate import needs
from . import goods, invoicing, notices, offered, orders, statement

app_name = "supplier"
urlpatterns = [
    path("orders", orders.order_list, name="orders"),
    path("orders/<int:order_id>", require_safe(orders.order_page), name="order"),
    path("orders/<int:order_id>/lines/<int:line_id>/answer", orders.answer, name="answer"),
    path("orders/<int:order_id>/confirm", orders.confirm, name="confirm"),
    path("orders/<int:order_id>/notice", needs("supply")(notice.notice_form), name="new_notice"),
    path("orders/<int:order_id>/notice/label", needs("supply")(notice.label_read), name="read_label"),
    path("notices/<int:notice_id>", notices.notice_page, name="notice"),
    path("notices/<int:notice_id>/withdraw", needs("supply")(notice.withdraw), name="withdraw_notice"),
    path("notices/<int:notice_id>/labels.pdf", notices.labels, name="notice_labels"),
    path("consignment", goods.consignment, name="consignment"),
    path(
        "settlements/<int:settlement_id>/invoice", settled_invoice.of_own_settlement, name="settled_invoice"
    ),
    path("invoices", goods.invoices, name="invoices"),
    path("invoices/new", invoicing.new_invoice, name="new_invoice"),
    path("invoices/<int:invoice_id>", invoicing.invoice_page, name="invoice"),
    path("statement", statement.statement_page, name="statement"),
    path("statement/print", statement.statement_print, name="statement_print"),
    path("statement/print.pdf", statement.statement_print, {"form": "pdf"}, name="statement_pdf"),
    path("papers", offered.papers, name="papers"),
    path("papers/offer", offered.offer, name="offer_paper"),
    path("papers/offered/<int:offered_id>", offered.offered_page, name="offered_paper"),
    path("papers/offered/<int:offered_id>/withdraw", offered.withdraw, name="withdraw_paper"),
]
