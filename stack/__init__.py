"""How is everything started? Standard library only: the first step runs before anything is installed."""
