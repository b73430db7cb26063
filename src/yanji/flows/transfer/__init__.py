"""From store to store, also between campuses: asked for, approved, picked, on its way, arrived with what differs."""
