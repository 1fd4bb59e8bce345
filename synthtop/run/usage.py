"""What the processes of each slot use: one pass over the process table for all of them."""
