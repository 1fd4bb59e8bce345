"""The history as text: tables of runs and packages, charts, JSON and CSV, for whoever prints them. Pure."""
