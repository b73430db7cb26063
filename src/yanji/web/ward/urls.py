"""Addresses of the ward's pages."""

from django.urls import path, reverse_lazy

from ..flow.gate import needs
from ..flow.lines import found, line
from ..storeroom import scrap
from . import cases, give_back, lending, levels, lists, opened, requisitions, take_in, use

app_name = "ward"
urlpatterns = [
    path("requisitions", requisitions.requisition_list, name="requisitions"),
    path("requisitions/new", requisitions.new_requisition, name="new_requisition"),
    path(
        "requisitions/items",
        needs("request")(found),
        {"line_url": reverse_lazy("ward:line"), "store_field": "store_id"},
        name="items",
    ),
    path("requisitions/line", needs("request")(line), {"lots": True}, name="line"),
    path("requisitions/<int:requisition_id>", requisitions.requisition_page, name="requisition"),
    path("levels", levels.levels_page, name="levels"),
    path("levels/items", levels.items, name="level_items"),
    path("levels/line", levels.line, name="level_line"),
    path("levels/<int:level_id>/drop", levels.drop, name="drop_level"),
    path("lists", lists.list_page, name="lists"),
    path(
        "lists/items",
        needs("request")(found),
        {"line_url": reverse_lazy("ward:list_line")},
        name="list_items",
    ),
    path("lists/line", needs("request")(line), name="list_line"),
    path("lists/new", lists.new_list, name="new_list"),
    path("lists/<int:list_id>", lists.edit_list, name="list"),
    path("lists/<int:list_id>/drop", lists.drop, name="drop_list"),
    path("take-in", take_in.awaited, name="take_in"),
    path("take-in/scan", take_in.find, name="take_in_find"),
    path("take-in/<int:issue_id>", take_in.take_in_page, name="take_in_issue"),
    path("take-in/<int:issue_id>/scan", take_in.scan, name="take_in_scan"),
    path("use", cases.case_list, name="use"),
    path("use/scan", cases.find, name="use_find"),
    path("use/open", cases.open_case, name="open_case"),
    path("use/<int:case_id>", use.use_page, name="use_case"),
    path("use/<int:case_id>/scan", use.scan, name="use_scan"),
    path("use/<int:case_id>/close", use.close, name="close_case"),
    path("give-back", give_back.give_back_page, name="give_back"),
    path("give-back/scan", give_back.scan, name="give_back_scan"),
    path("opened", opened.opened_page, name="opened"),
    path("opened/<int:piece_id>/take", opened.take_part, name="take_part"),
    path("opened/<int:piece_id>/discard", opened.discard_rest, name="discard_rest"),
    path("scrap", scrap.scrap_page, name="scrap"),
    path("scrap/scan", scrap.scan, name="scrap_scan"),
    path("lending", lending.lending_list, name="lendings"),
    path("lending/new", lending.new_lending, name="new_lending"),
    path("lending/scan", lending.scan, name="lending_scan"),
    path("lending/<int:lending_id>", lending.lending_page, name="lending"),
    path("lending/<int:lending_id>/confirm", lending.confirm, name="confirm_lending"),
    path("lending/<int:lending_id>/decline", lending.decline, name="decline_lending"),
    path("lending/<int:lending_id>/settle", lending.settle, name="settle_lending"),
    path("lending/<int:lending_id>/settle/scan", lending.settle_scan, name="settle_scan"),
    path("lending/<int:lending_id>/confirm-back", lending.confirm_back, name="confirm_back"),
]
