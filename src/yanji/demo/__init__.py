"""A hospital group that does not exist: three campuses, and a hundred and twenty days of their life, for people to try.

``yanji.demo.load.load`` fills an empty database; ``yanji.demo.showcase`` finds things worth showing in it.
"""

PASSWORD = "yanji-demo"  # noqa: S105 - printed for everybody to use

# One account for each role: user name, password, role; and a second storekeeper, who leads the stores of the main campus and
# signs as second person where the first may not alone. Everybody else signs in with the same password.
ACCOUNTS = [
    ("storekeeper", PASSWORD, "storekeeper"),
    ("lead-main", PASSWORD, "storekeeper"),
    ("nurse", PASSWORD, "nurse"),
    ("buyer", PASSWORD, "buyer"),
    ("manager", PASSWORD, "manager"),
    ("admin", PASSWORD, "administrator"),
    ("approver", PASSWORD, "approver"),
    ("accountant", PASSWORD, "accountant"),
    ("auditor", PASSWORD, "auditor"),
    ("officer", PASSWORD, "quality"),
    ("supplier", PASSWORD, "supplier"),
]

# Invented; in the numbers of its places, its own labels and its boxes (SSCC), where the installation names no other.
GS1_PREFIX = "69468820"


def __getattr__(name: str) -> object:
    """``SHOWCASE`` needs the models, which the settings that read ``ACCOUNTS`` do not have yet."""
    if name == "SHOWCASE":
        from .showcase import SHOWCASE

        return SHOWCASE
    raise AttributeError(name)
