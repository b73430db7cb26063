"""A hospital group that does not exist: three campuses, and a hundred and twenty days of their life, for people to try.

``yanji.demo.load.load`` fills an empty database; ``yanji.demo.showcase`` finds things worth showing in it.
"""

PASSWORD = "yanji-demo"

# One account for each role: user name, password, role. Everybody else signs in with the same password.
ACCOUNTS = [
    ("storekeeper", PASSWORD, "storekeeper"),
    ("nurse", PASSWORD, "nurse"),
    ("buyer", PASSWORD, "buyer"),
    ("manager", PASSWORD, "manager"),
    ("admin", PASSWORD, "administrator"),
]
