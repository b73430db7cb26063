"""What the boards and the reading pages ask: numbers over many places, events and lots, each in one statement."""
