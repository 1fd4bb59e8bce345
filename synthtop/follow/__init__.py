"""Follows another process's build by its files alone, and never writes to them.

A :class:`~synthtop.follow.reader.Reader` for each kind of source says what its files say now; the follower
chooses one by content, and makes a snapshot of whatever comes of it.
"""
