"""The first page after the sign-in: for each role the one question it starts its day with."""
