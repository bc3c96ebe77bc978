"""One believable district, generated through the services."""
