"""Every write to people, roles, grants and tokens; the parts keep to one subject each."""

from .badges import give_badge, set_own_badge, take_badge
from .grants import RoleFields, create_role, delete_role, edit_role, grant, revoke
from .people import PersonFields, change_password, create_person, edit_person, reset_password, set_active
from .preferences import set_preferences
from .tokens import create_token, revoke_token

__all__ = [
    "PersonFields", "RoleFields", "change_password", "create_person", "create_role", "create_token",
    "delete_role", "edit_person", "edit_role", "give_badge", "grant", "reset_password", "revoke", "revoke_token", "set_active",
    "set_own_badge", "set_preferences", "take_badge",
]  # fmt: skip
