"""What an earlier run in a logs directory has built, and what of it still holds."""
