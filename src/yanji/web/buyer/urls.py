"""Addresses of the buyer's and the accountant's pages."""

from django.urls import path

from ..flow.gate import needs
from ..flow.lines import found, line
from . import (
    changes,
    contracts,
    costs,
    invoices,
    lines,
    new_invoice,
    new_order,
    notice,
    orders,
    papers,
    requests,
    rules,
)

ASK = ("request", "store", "order")

app_name = "buyer"
urlpatterns = [
    path("requests", requests.request_list, name="requests"),
    path("requests/new", requests.new_request, name="new_request"),
    path("requests/items", needs(*ASK)(found), {"line_url": "line"}, name="request_items"),
    path("requests/line", needs(*ASK)(line), name="request_line"),
    path("requests/<int:purchase_request_id>", requests.request_page, name="request"),
    path("requests/<int:purchase_request_id>/close", requests.close, name="close_request"),
    path("orders", orders.order_list, name="orders"),
    path("orders/new", new_order.new_order, name="new_order"),
    path("orders/owed", changes.owed, name="owed"),
    path("orders/items", needs("order")(found), {"line_url": "line"}, name="items"),
    path("orders/line", needs("order")(lines.bought_line), name="line"),
    path("orders/<int:order_id>", orders.order_page, name="order"),
    path("orders/<int:order_id>/send", orders.send, name="send_order"),
    path("orders/<int:order_id>/withdraw", changes.withdraw, name="withdraw_order"),
    path("orders/<int:order_id>/change", changes.change, name="change_order"),
    path("orders/<int:order_id>/change/drop", changes.drop, name="drop_change"),
    path("orders/<int:order_id>/answer", changes.answer, name="answer"),
    path("orders/<int:order_id>/cancel", changes.cancel, name="cancel_order"),
    path("orders/<int:order_id>/close", orders.close, name="close_order"),
    path("orders/<int:order_id>/notice", notice.new_notice, name="new_notice"),
    path("orders/<int:order_id>/notice/read", notice.read_label, name="read_label"),
    path("answers/<int:answer_id>/settle", changes.settle, name="settle"),
    path("contracts", contracts.contract_list, name="contracts"),
    path("contracts/new", contracts.edit_contract, name="new_contract"),
    path("contracts/items", needs("contract")(found), {"line_url": "line"}, name="contract_items"),
    path("contracts/line", needs("contract")(lines.contract_line), name="contract_line"),
    path("contracts/<int:contract_id>", contracts.contract_page, name="contract"),
    path("contracts/<int:contract_id>/edit", contracts.edit_contract, name="edit_contract"),
    path("contracts/<int:contract_id>/start", contracts.start, name="start_contract"),
    path("contracts/<int:contract_id>/end", contracts.end, name="end_contract"),
    path("invoices", invoices.invoice_list, name="invoices"),
    path("invoices/new", new_invoice.new_invoice, name="new_invoice"),
    path("invoices/<int:invoice_id>", invoices.invoice_page, name="invoice"),
    path("invoices/<int:invoice_id>/match", invoices.again, name="match_invoice"),
    path("invoices/<int:invoice_id>/void", invoices.void, name="void_invoice"),
    path("invoices/<int:invoice_id>/accept", invoices.accept, name="accept_prices"),
    path("invoices/<int:invoice_id>/hold", invoices.hold, name="hold_invoice"),
    path("invoices/<int:invoice_id>/lift", invoices.lift, name="lift_hold"),
    path("invoices/<int:invoice_id>/release", invoices.release, name="release_invoice"),
    path("deliveries/<int:receipt_id>", costs.delivery_page, name="delivery"),
    path("deliveries/<int:receipt_id>/first", costs.enter, name="first_invoice"),
    path("deliveries/<int:receipt_id>/verify", costs.verify, name="verify_first"),
    path("deliveries/<int:receipt_id>/cost", costs.spread, name="spread_cost"),
    path("deliveries/<int:receipt_id>/cost/void", costs.take_back, name="void_cost"),
    path("papers", papers.papers_page, name="papers"),
    path("rules", rules.rules_page, name="rules"),
    path("rules/two-invoice", rules.two_invoice, name="two_invoice"),
]
