"""Figures that the project promises, measured: ``make bench``."""
