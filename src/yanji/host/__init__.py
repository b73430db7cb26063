"""Runs Yanji on one machine: settings, the database that comes along, and the server."""
