"""``python -m synthtop``."""

from .cli import entry

entry()
