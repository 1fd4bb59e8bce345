"""The line of a log that says what went wrong: rules as data, and what finds by them."""
