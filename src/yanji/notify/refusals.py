"""The sentences of what this package refuses."""

from django.utils.translation import gettext_noop

from yanji.ledger.refused import SENTENCES

SENTENCES.update(
    {
        "notification_not_open": gettext_noop(
            "This is not open any more: somebody acknowledged it, or it is over. Look at the list again."
        ),
        "unknown_notification_kind": gettext_noop(
            "There is no kind of notification “{thing}”. Choose one from the list."
        ),
        "notification_rule_twice": gettext_noop(
            "Such a rule holds there already. Change that one, or name another place or role."
        ),
        "notification_rule_for_two": gettext_noop(
            "A rule tells a role or one person. Leave one of the two empty."
        ),
        "notification_escalation_half": gettext_noop(
            "Say both after how many minutes and to which role it is escalated, or neither. Up to {most} minutes."
        ),
        "unknown_channel": gettext_noop("There is no channel “{thing}”. Choose from the list."),
        "rule_for_the_whole_house": gettext_noop(
            "This rule holds in the whole house. Only who keeps the rules everywhere may change it; write one for your own place."
        ),
        "quiet_hours_half": gettext_noop(
            "Quiet hours need a beginning and an end that differ. Enter both, or neither."
        ),
        "hook_has_ended": gettext_noop("This system is told no more. Let it be told again first."),
        "bad_push_subscription": gettext_noop(
            "This browser did not say where it can be notified. Update it, or use another one."
        ),
        "bad_hook_address": gettext_noop(
            "“{thing}” is not an address that can be called. Give one such as https://example.org/yanji."
        ),
    }
)
