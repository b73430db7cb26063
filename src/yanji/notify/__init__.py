"""Tells people what waits for them: open matters are found, told by rules that are data, acknowledged, escalated."""
