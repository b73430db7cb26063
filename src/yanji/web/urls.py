"""Addresses of the shell and the reading pages; each audience's flow pages bring their own under its name."""

from importlib.util import find_spec

from django.contrib.auth.views import LogoutView
from django.urls import URLPattern, URLResolver, include, path

from . import (
    badge_in,
    board,
    browsers,
    cabinet,
    custody,
    event,
    expiry_map,
    flowing,
    handed_on,
    handheld,
    labels,
    live,
    lot,
    moved,
    notifications,
    papers,
    piece,
    preferences,
    scan_codes,
    scanner,
    search,
    sign_in,
    soundness,
    stock,
    stock_map,
    suggest,
    unit,
    unit_codes,
)
from .home.buyer import proposed
from .home.page import home

AUDIENCES = ("storeroom", "ward", "theatre", "buyer", "manager", "masterdata", "supplier")

own: list[URLPattern | URLResolver] = [
    path("", home, name="home"),
    path("board", board.board, name="board"),
    path("board/short", board.short, name="board_short"),
    path("board/moved", moved.moved_page, name="moved"),
    path("cabinet/<int:cabinet_id>", cabinet.cabinet_page, name="cabinet"),
    path("expiry", expiry_map.expiry_map, name="expiry_map"),
    path("home/to-do", proposed, name="to_do"),
    path("flow/lot/<int:lot_id>", flowing.lot_flow, name="lot_flow"),
    path("flow/item/<int:item_id>", flowing.item_flow, name="item_flow"),
    path("map", stock_map.stock_map, name="stock_map"),
    path("live", live.live, name="live"),
    path("notifications", notifications.notifications_page, name="notifications"),
    path("notifications/acknowledge", notifications.acknowledge_page, name="acknowledge"),
    path("notifications/here", browsers.notify_here_page, name="notify_here"),
    path(
        "notifications/browsers/<uuid:subscription_id>/end",
        browsers.notify_no_more_page,
        name="notify_no_more",
    ),
    path("notifications/worker.js", browsers.worker, name="notifications_worker"),
    path("notifications/bell", notifications.bell, name="bell"),
    path("search", search.search_page, name="search"),
    path("search/suggestions", suggest.suggestions, name="suggestions"),
    path("stock", stock.stock_page, name="stock"),
    path("unit/<path:epc>", unit.unit_page, name="unit"),
    path("labels/unit/<path:epc>", labels.unit_label, name="unit_label"),
    path("labels/place/<int:place_id>", labels.place_label, name="place_label"),
    path("labels/box/<path:box>", labels.box_label, name="box_label"),
    path("labels/receipt/<int:receipt_id>", labels.receipt_labels, name="receipt_labels"),
    path("unit-codes/<path:epc>", unit_codes.bind, name="bind_code"),
    path("unit-codes-off/<path:epc>", unit_codes.release, name="release_code"),
    path("custody/<path:epc>", custody.custody, name="custody"),
    path("lot/<int:lot_id>", lot.lot_page, name="lot"),
    path("lot/<int:lot_id>/end-recall", lot.end_lot_recall, name="end_recall"),
    path("opened/<int:piece_id>", piece.piece_page, name="piece"),
    path("opened/<int:piece_id>/undo", piece.undo, name="undo_piece"),
    path("event/<uuid:event_id>", event.event_page, name="event"),
    path("event/<uuid:event_id>/correct", event.correct_event, name="correct"),
    path("papers/<slug:paper>/<int:document_id>/trail", papers.trail_card, name="trail"),
    path("papers/<slug:paper>/<int:document_id>/remark", papers.add_remark, name="remark"),
    path("papers/<slug:paper>/<int:document_id>/attach", papers.add_attachment, name="attach"),
    path(
        "papers/<slug:paper>/<int:document_id>/files/<int:attachment_id>", papers.download, name="attachment"
    ),
    path(
        "papers/<slug:paper>/<int:document_id>/files/<int:attachment_id>/withdraw",
        papers.withdraw_attachment,
        name="withdraw",
    ),
    path("papers/<slug:paper>/<int:document_id>/print", papers.print_page, name="print"),
    path(
        "papers/<slug:paper>/<int:document_id>/print.pdf",
        papers.print_page,
        {"form": "pdf"},
        name="print_pdf",
    ),
    path("soundness", soundness.drift, name="drift"),
    path("scan", handheld.scan_page, name="scan_page"),
    path("scan/codes", scan_codes.codes_page, name="scan_codes"),
    path("scan/codes.pdf", scan_codes.codes_page, {"form": "pdf"}, name="scan_codes_pdf"),
    path("scan/handed-on", handed_on.handed_on_page, name="handed_on"),
    path("scan/manifest.webmanifest", handheld.manifest, name="scan_manifest"),
    path("scan/worker.js", handheld.worker, name="scan_worker"),
    path("sign-in", sign_in.SignIn.as_view(), name="sign_in"),
    path("badge", badge_in.badge_in, name="badge_in"),
    path("device", badge_in.claim_page, name="claim_device"),
    path("stay", badge_in.stay, name="stay"),
    path("sign-out", LogoutView.as_view(), name="sign_out"),
    path("scanner", scanner.scanner_page, name="scanner"),
    path("scanner/scan", scanner.scanner_scan, name="scanner_scan"),
    path("preferences", preferences.preferences, name="preferences"),
]


def _brings_pages(audience: str) -> bool:
    return (
        find_spec(f"yanji.web.{audience}") is not None and find_spec(f"yanji.web.{audience}.urls") is not None
    )


urlpatterns: list[URLPattern | URLResolver] = [
    path("", include((own, "web"))),
    *(
        path(f"{audience}/", include(f"yanji.web.{audience}.urls"))
        for audience in AUDIENCES
        if _brings_pages(audience)
    ),
]
