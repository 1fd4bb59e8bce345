"""Tells somebody who does not look: a bell or a command at the first failure, at a stall, at the end."""
