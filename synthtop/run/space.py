"""Whether there is room left where a build writes."""
