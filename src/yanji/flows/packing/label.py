"""How the code of a box stands on its label, for people."""


def printed(code: str) -> str:
    """A box's code as people read it below the bars."""
    kind, _slash, number = code.partition("/")
    return f"(00){number}" if kind == "00" else code
