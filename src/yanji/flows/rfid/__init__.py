"""RFID readers: where they hang, what passed them in which direction, and whether they are still heard."""
