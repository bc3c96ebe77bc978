"""What the product holds of a person: to see, to take along, to erase."""
