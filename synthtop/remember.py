"""Keeps what the user chose on the screen in the user's own file of settings."""
