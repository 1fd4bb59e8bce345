"""What holds for all tests."""

from hypothesis import settings

# A busy machine makes single examples slow: that is no failure.
settings.register_profile("synthtop", deadline=None)
settings.load_profile("synthtop")
