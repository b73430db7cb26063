"""What an address asks for; whatever makes no sense there is as if it were not asked."""

LARGEST_ID = 2**31 - 1


def whole_number(text: str | None, *, lowest: int = 0, highest: int = LARGEST_ID) -> int | None:
    """A whole number within bounds, or None."""
    try:
        number = int(text or "")
    except ValueError:
        return None
    return number if lowest <= number <= highest else None


def plain(text: str | None, longest: int = 120) -> str:
    """A short text without what a database cannot keep."""
    return (text or "").replace("\0", "").strip()[:longest]
