"""Installation on the user's machine; nothing in here is part of the running program."""
