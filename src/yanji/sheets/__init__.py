"""Tables that people bring: read whatever the file holds, say what is wrong with each row, import once what was shown."""
