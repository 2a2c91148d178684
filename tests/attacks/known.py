"""Cases whose verdict is right in the table and not yet reached, each with the reason: "row: name" -> reason."""
KNOWN = {}
