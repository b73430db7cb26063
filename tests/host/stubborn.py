"""A step that ends for nobody who only asks."""

import signal
import time

signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("stubborn", flush=True)
time.sleep(600)
