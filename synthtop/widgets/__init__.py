"""What the screens are made of. Widgets draw what they are given; they never compute a statistic."""
