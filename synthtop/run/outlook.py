"""What is left of a build of our own, for its ETA."""
