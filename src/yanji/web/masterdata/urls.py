"""Addresses of the master data pages."""

from django.urls import path

from . import account, dated_rows, imports, items, people, places, quarantine, roles, suppliers

app_name = "masterdata"
urlpatterns = [
    path("items", items.items_page, name="items"),
    path("items/new", items.new_item, name="new_item"),
    path("items/<int:item_id>", items.item_page, name="item"),
    path("items/<int:item_id>/edit", items.edit_item, name="edit_item"),
    path("items/<int:item_id>/active", items.set_item_active, name="item_active"),
    path("items/<int:item_id>/codes/<int:code_id>/remove", items.remove_code, name="remove_code"),
    path("items/<int:item_id>/<slug:tab>", items.item_page, name="item"),
    path("rows/<slug:kind>/<int:row_id>/end", dated_rows.end_row, name="end_row"),
    path("suppliers", suppliers.suppliers_page, name="suppliers"),
    path("suppliers/new", suppliers.new_supplier, name="new_supplier"),
    path("suppliers/<int:supplier_id>", suppliers.supplier_page, name="supplier"),
    path("suppliers/<int:supplier_id>/edit", suppliers.edit_supplier, name="edit_supplier"),
    path("suppliers/<int:supplier_id>/active", suppliers.set_active, name="supplier_active"),
    path("makers/<int:maker_id>", suppliers.edit_maker, name="maker"),
    path("places", places.places_page, name="places"),
    path("places/new", places.new_place, name="new_place"),
    path("places/<int:place_id>", places.place_page, name="place"),
    path("places/<int:place_id>/move", places.move_place, name="move_place"),
    path("places/<int:place_id>/active", places.set_active, name="place_active"),
    path("people", people.people_page, name="people"),
    path("people/new", people.new_person, name="new_person"),
    path("people/<int:person_id>", people.person_page, name="person"),
    path("people/<int:person_id>/active", people.set_active, name="person_active"),
    path("people/<int:person_id>/grants/<int:grant_id>/revoke", people.revoke_grant, name="revoke_grant"),
    path("roles", roles.roles_page, name="roles"),
    path("roles/new", roles.role_form, name="new_role"),
    path("roles/<int:role_id>", roles.role_form, name="role"),
    path("roles/<int:role_id>/delete", roles.delete_role, name="delete_role"),
    path("imports", imports.imports_page, name="imports"),
    path("imports/upload", imports.upload, name="upload"),
    path("imports/<int:batch_id>", imports.batch_page, name="batch"),
    path("imports/<int:batch_id>/decide", imports.decide, name="decide"),
    path("imports/template/<slug:kind>", imports.download_template, name="template"),
    path("quarantine", quarantine.quarantine_page, name="quarantine"),
    path("quarantine/resolve", quarantine.resolve, name="resolve"),
    path("account", account.account_page, name="account"),
    path("account/tokens/<int:token_id>/revoke", account.revoke_token, name="revoke_token"),
]
