"""Why things move: one file per reason, each with a pure draft and one durable verb."""
