"""What earlier builds were like: kept in one SQLite file, written while a build goes on, read for people
and for the ETA."""
