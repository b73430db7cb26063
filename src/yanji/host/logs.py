"""What the terminal says of requests that were rightly refused: a line that tells what to do, and no traceback; nothing where
the page itself says it."""

import logging
import re
from http import HTTPStatus

from django.core.exceptions import DisallowedHost, PermissionDenied
from django.http.request import split_domain_port

# Conflict, what somebody may not do, and what is not there or hidden: everyday work, told to who did it and, where it matters,
# kept among the attempts. A form from another site (django.security.csrf) is told all the same.
ANSWERED = (HTTPStatus.CONFLICT, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND)
_ASKED = re.compile(r"header: '([^']*)'")


def in_a_line(record: logging.LogRecord) -> bool:
    """A logging filter: a refusal loses its traceback, and what is refused with a sentence on the page says nothing.

    Of a host that is not answered for, Django names a setting of its own; the record then names the one of a site.
    """
    if record.name == "django.request" and getattr(record, "status_code", 0) in ANSWERED:
        return False
    error = record.exc_info[1] if record.exc_info else None
    if isinstance(error, PermissionDenied | DisallowedHost):
        record.exc_info = record.exc_text = None
    if isinstance(error, DisallowedHost):
        asked = _ASKED.search(str(error))
        record.msg = (
            "Somebody asked for the host %r, which this site does not answer for. If it is right, start again with "
            "YANJI_HOSTS naming it."
        )
        record.args = (split_domain_port(asked[1])[0] or asked[1] if asked else "",)
    return True
