"""The neighbour at 962121: takes over the orders that nobody accepted in time."""
