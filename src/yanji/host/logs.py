"""What the terminal says of requests that were rightly refused: a line that tells what to do, and no traceback."""

import logging
import re

from django.core.exceptions import DisallowedHost, PermissionDenied
from django.http.request import split_domain_port

_ASKED = re.compile(r"header: '([^']*)'")


def in_a_line(record: logging.LogRecord) -> bool:
    """A logging filter that passes every record; one of a refusal loses its traceback.

    Of a host that is not answered for, Django names a setting of its own; the record then names the one of a site.
    """
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
