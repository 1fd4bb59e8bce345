"""Reading logs of any size: by blocks, in constant memory, in a thread that no screen waits for."""
