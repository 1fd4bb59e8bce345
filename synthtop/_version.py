"""The version, where the package and its build can both read it without importing anything."""

__version__ = "0.1.0"
