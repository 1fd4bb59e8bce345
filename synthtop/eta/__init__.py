"""When a build will be over: from what its packages took before, by simulating what is left of it."""
