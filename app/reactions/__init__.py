"""What follows from each event: one table."""
