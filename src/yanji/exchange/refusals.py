"""The interface's own sentences: what is wrong with a request before any rule of the hospital is asked."""

from django.utils.translation import gettext_noop

from yanji.ledger.refused import SENTENCES

SENTENCES.update(
    {
        "not_signed_in": gettext_noop(
            "This needs a valid token. Ask for a new one and send it as a bearer token."
        ),
        "stale_session": gettext_noop(
            "This page is of an earlier sign-in. Load it anew; what was scanned is kept."
        ),
        "other_person": gettext_noop(
            "Somebody else is signed in at this browser now. What you scanned is kept until you sign in again."
        ),
        "not_found": gettext_noop("There is no such thing, or you may not see it."),
        "bad_json": gettext_noop("The request is not valid JSON in UTF-8. Check how it was written."),
        "bad_field": gettext_noop("The field “{thing}” cannot be used as it is: {detail}."),
        "too_large": gettext_noop("The request is too large. Split it into smaller documents."),
        "wrong_method": gettext_noop(
            "This address does not take requests of this method. Look it up in the description."
        ),
        "bad_request": gettext_noop("The request could not be read. Check how it was written."),
        "not_yours_here": gettext_noop("You may not do this here. Ask your administrator."),
        "broken": gettext_noop(
            "Something broke on our side, and was written to the log. Nothing was saved; send the request again."
        ),
        "busy": gettext_noop("Too many people did this at once. Send the same request again."),
    }
)

# What is wrong with a field, by the kind of the validation error; what a person reads, without the validator's words.
FIELD_WORDS: dict[str, str] = {
    "missing": gettext_noop("it is missing"),
    "extra_forbidden": gettext_noop("there is no such field"),
    "string_too_long": gettext_noop("it is too long"),
    "string_too_short": gettext_noop("it is too short"),
    "string_type": gettext_noop("it must be a text"),
    "string_pattern_mismatch": gettext_noop("it is not written as it should be"),
    "too_long": gettext_noop("it has too many entries"),
    "too_short": gettext_noop("it has too few entries"),
    "int_type": gettext_noop("it must be a whole number"),
    "int_parsing": gettext_noop("it must be a whole number"),
    "int_from_float": gettext_noop("it must be a whole number"),
    "int_parsing_size": gettext_noop("the number is too large"),
    "decimal_type": gettext_noop("it must be a number"),
    "decimal_parsing": gettext_noop("it must be a number"),
    "decimal_max_places": gettext_noop("it has too many decimals"),
    "decimal_max_digits": gettext_noop("the number is too large"),
    "decimal_whole_digits": gettext_noop("the number is too large"),
    "finite_number": gettext_noop("it must be a number"),
    "greater_than": gettext_noop("the number is too small"),
    "greater_than_equal": gettext_noop("the number is too small"),
    "less_than": gettext_noop("the number is too large"),
    "less_than_equal": gettext_noop("the number is too large"),
    "bool_type": gettext_noop("it must be true or false"),
    "bool_parsing": gettext_noop("it must be true or false"),
    "literal_error": gettext_noop("it is not one of the values that are allowed"),
    "enum": gettext_noop("it is not one of the values that are allowed"),
    "date_type": gettext_noop("it must be a day, as 2027-01-31"),
    "date_parsing": gettext_noop("it must be a day, as 2027-01-31"),
    "date_from_datetime_parsing": gettext_noop("it must be a day, as 2027-01-31"),
    "date_from_datetime_inexact": gettext_noop("it must be a day, as 2027-01-31"),
    "datetime_type": gettext_noop("it must be a moment with its offset, as 2027-01-31T08:00:00+08:00"),
    "datetime_parsing": gettext_noop("it must be a moment with its offset, as 2027-01-31T08:00:00+08:00"),
    "datetime_from_date_parsing": gettext_noop(
        "it must be a moment with its offset, as 2027-01-31T08:00:00+08:00"
    ),
    "timezone_aware": gettext_noop("it must be a moment with its offset, as 2027-01-31T08:00:00+08:00"),
    "list_type": gettext_noop("it must be a list"),
    "dict_type": gettext_noop("it must be an object"),
    "model_type": gettext_noop("it must be an object"),
    "model_attributes_type": gettext_noop("it must be an object"),
}
OTHERWISE = gettext_noop("it has the wrong form")
