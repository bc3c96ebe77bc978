"""District, street, community, estate, building, unit, home, public spot, facility."""
