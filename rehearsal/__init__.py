"""The outside world, pretended: a telephone network, models and customers. Reaches the product over the wire
only."""
