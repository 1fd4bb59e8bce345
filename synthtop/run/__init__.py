"""Building packages here: what is to be built, in which order, by which processes."""
