"""Whose certificates readers and their broker are believed by."""

import ssl


def trusting(authorities: str = "") -> ssl.SSLContext:
    """Certificates are checked, and the name in them: by the authorities that this machine trusts and by those in the file
    ``authorities`` (PEM), where there is one. Raises OSError for a file that holds none."""
    context = ssl.create_default_context()
    if authorities:
        # Given to create_default_context itself, the file would take the place of the machine's own.
        context.load_verify_locations(cafile=authorities)
    return context
