"""The history as text: tables of runs and packages, and charts of a run, for whoever prints them."""
