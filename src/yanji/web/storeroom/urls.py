"""Addresses of the storeroom's pages."""

from django.urls import path

from ..flow.gate import needs
from ..flow.lines import found, line
from . import boxes, hold, issuing, labels, picking, put_away, receipts, receive, receiving, returns, scrap
from .counting import counts, scanning, variances

app_name = "storeroom"
urlpatterns = [
    path("receiving", receiving.receiving, name="receiving"),
    path("receiving/scan", receiving.scan, name="receiving_scan"),
    path("receiving/<int:order_id>", receive.receive_page, name="receive"),
    path("receiving/<int:order_id>/scan", receive.scan, name="receive_scan"),
    path("receiving/<int:order_id>/adopt", receive.adopt, name="receive_adopt"),
    path("receiving/<int:order_id>/labels", receive.label, name="receive_labels"),
    path("receipts/<int:receipt_id>", receipts.receipt_page, name="receipt"),
    path("receipts/<int:receipt_id>/void", receipts.void, name="void_receipt"),
    path("put-away", put_away.put_away_page, name="put_away"),
    path("put-away/scan", put_away.scan, name="put_away_scan"),
    path("picking", picking.picking, name="picking"),
    path("picking/scan", picking.find, name="picking_scan"),
    path("picking/<int:requisition_id>", picking.pick_page, name="pick"),
    path("picking/<int:requisition_id>/scan", picking.scan, name="pick_scan"),
    path("picking/<int:requisition_id>/put-back", issuing.put_back, name="put_back"),
    path("picking/<int:requisition_id>/issue", issuing.hand_over, name="hand_over"),
    path("picking/<int:requisition_id>/close", issuing.close, name="close_requisition"),
    path("issues/<int:issue_id>", issuing.issue_page, name="issue"),
    path("returns", returns.returns_page, name="returns"),
    path("returns/scan", returns.scan, name="returns_scan"),
    path("hold", hold.hold_page, name="hold"),
    path("hold/scan", hold.scan, name="hold_scan"),
    path("scrap", scrap.scrap_page, name="scrap"),
    path("scrap/scan", scrap.scan, name="scrap_scan"),
    path("pack", boxes.pack_page, name="pack"),
    path("pack/scan", boxes.scan, name="pack_scan"),
    path("boxes/<path:box>/label.pdf", boxes.label, name="box_label"),
    path("boxes/<path:box>/unpack", boxes.unpack_box, name="unpack"),
    path("boxes/<path:box>", boxes.box_page, name="box"),
    path("count", counts.counts_page, name="counts"),
    path("count/plan", counts.plan_page, name="count_plan"),
    path("count/classes", counts.classes, name="count_classes"),
    path("count/accuracy", counts.accuracy_page, name="count_accuracy"),
    path("count/<int:count_id>", scanning.count_page, name="count"),
    path("count/<int:count_id>/scan", scanning.scan, name="count_scan"),
    path("count/<int:count_id>/undo", scanning.undo, name="count_undo"),
    path("count/<int:count_id>/totals", scanning.totals_part, name="count_totals"),
    path("count/<int:count_id>/list", scanning.paste, name="count_list"),
    path("count/<int:count_id>/close", scanning.close, name="count_close"),
    path("count/<int:count_id>/cancel", scanning.cancel, name="count_cancel"),
    path("count/<int:count_id>/variances", variances.variances_page, name="count_variances"),
    path("count/<int:count_id>/decide", variances.decide, name="count_decide"),
    path("count/<int:count_id>/recount", variances.again, name="count_recount"),
    path("count/<int:count_id>/submit", variances.submit, name="count_submit"),
    path("labels", labels.labels_page, name="labels"),
    path("labels/items", needs("label")(found), {"line_url": "labels/line"}, name="label_items"),
    path("labels/line", needs("label")(line), name="label_line"),
    path("labels/<slug:first>/<int:count>.pdf", labels.sheet, name="label_sheet"),
]
