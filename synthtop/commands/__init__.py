"""What each command understands, and whom it calls for it: a module each, imported when it is asked for."""
