"""The interface's own sentences: what is wrong with a request before any rule of the hospital is asked."""

from django.utils.translation import gettext_noop

from yanji.ledger.refused import SENTENCES

SENTENCES.update(
    {
        "not_signed_in": gettext_noop(
            "This needs a valid token. Ask for a new one and send it as a bearer token."
        ),
        "not_found": gettext_noop("There is no such thing, or you may not see it."),
        "bad_json": gettext_noop("The request is not valid JSON in UTF-8. Check how it was written."),
        "bad_field": gettext_noop("The field “{thing}” cannot be used as it is: {detail}."),
        "too_large": gettext_noop("The request is too large. Split it into smaller documents."),
        "busy": gettext_noop("Too many people did this at once. Send the same request again."),
    }
)
