"""Addresses of the buyer's pages."""

from django.urls import path

from ..flow.gate import needs
from ..flow.lines import found, line
from . import new_order, notice, orders

app_name = "buyer"
urlpatterns = [
    path("orders", orders.order_list, name="orders"),
    path("orders/new", new_order.new_order, name="new_order"),
    path("orders/items", needs("order")(found), {"line_url": "line", "priced": True}, name="items"),
    path("orders/line", needs("order")(line), {"priced": True}, name="line"),
    path("orders/<int:order_id>", orders.order_page, name="order"),
    path("orders/<int:order_id>/send", orders.send, name="send_order"),
    path("orders/<int:order_id>/close", orders.close, name="close_order"),
    path("orders/<int:order_id>/notice", notice.new_notice, name="new_notice"),
    path("orders/<int:order_id>/notice/read", notice.read_label, name="read_label"),
]
