"""Every write to people, roles, grants and tokens; the parts keep to one subject each."""

from .badges import give_badge, set_own_badge, take_badge
from .devices import DeviceFields, edit_device, end_device, new_code, register_device
from .grants import RoleFields, create_role, delete_role, edit_role, grant, revoke
from .people import PersonFields, change_password, create_person, edit_person, reset_password, set_active
from .pins import end_own_pin, set_own_pin
from .preferences import set_preferences
from .tokens import create_token, revoke_token

__all__ = [
    "DeviceFields", "PersonFields", "RoleFields", "change_password", "create_person", "create_role", "create_token",
    "delete_role", "edit_device", "edit_person", "edit_role", "end_device", "end_own_pin", "give_badge", "grant", "new_code",
    "register_device", "reset_password", "revoke", "revoke_token", "set_active", "set_own_badge", "set_own_pin",
    "set_preferences", "take_badge",
]  # fmt: skip
