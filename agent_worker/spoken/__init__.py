"""Words as they are spoken: what guard and ears both need to read a text. Pure: no ORM, no room, no model."""
