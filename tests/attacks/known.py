"""Cases whose verdict is right in the table and not yet reached, each with the reason: "row: name" -> reason."""
KNOWN = {
    'allowed: version': 'the comparison of revisions does not know /Version of the catalog yet',
    'timestamp: attribute without a token': 'an empty set of values is read as no timestamp',
}
