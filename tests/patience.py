"""How long a test waits for what will surely come. Only a failure takes as long, so it is generous to slow machines."""

PATIENCE = 300  # seconds
PATIENCE_MS = 60_000  # in a browser, where a failing walk should not keep its reader waiting for long
