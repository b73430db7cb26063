"""Addresses of the theatre's pages."""

from django.urls import path
from django.views.decorators.http import require_safe

from . import after, cards, cart, cases, charges, emergency, explant, explanted

app_name = "theatre"
urlpatterns = [
    path("cases", cases.case_list, name="cases"),
    path("cases/find", cases.find, name="find"),
    path("cases/<int:case_id>", cases.case_page, name="case"),
    path("cases/<int:case_id>/needs", cases.needs_page, name="needs"),
    path("cases/<int:case_id>/change", cases.change, name="change_case"),
    path("cases/<int:case_id>/ask", cases.ask_store, name="ask"),
    path("cases/<int:case_id>/close", cases.close, name="close"),
    path("cases/<int:case_id>/cart", cart.cart_page, name="cart"),
    path("cases/<int:case_id>/cart/scan", cart.scan, name="cart_scan"),
    path("cases/<int:case_id>/after", after.after_page, name="after"),
    path("cases/<int:case_id>/after/scan", after.scan, name="after_scan"),
    path("cases/<int:case_id>/first", emergency.first_page, name="first"),
    path("cases/<int:case_id>/first/scan", emergency.scan, name="first_scan"),
    path("cases/<int:case_id>/charges", charges.act, name="charges"),
    path("implants/<int:implant_id>", cases.describe, name="implant"),
    path("emergencies", emergency.emergency_list, name="emergencies"),
    path("emergencies/<int:emergency_id>", emergency.emergency_page, name="emergency"),
    path("explant", explant.explant_page, name="explant"),
    path("explant/scan", explant.scan, name="explant_scan"),
    path("explanted", require_safe(explanted.explanted_page), name="explanted"),
    path("explanted/hand-on", explanted.hand_on_page, name="hand_on"),
    path("explanted/papers/<int:handover_id>", explanted.handover_page, name="handover"),
    path("cards", cards.card_list, name="cards"),
    path("cards/new", cards.new_card, name="new_card"),
    path("cards/items", cards.items, name="card_items"),
    path("cards/line", cards.line, name="card_line"),
    path("cards/<int:card_id>", cards.card_page, name="card"),
    path("cards/<int:card_id>/retire", cards.retire, name="retire_card"),
]
