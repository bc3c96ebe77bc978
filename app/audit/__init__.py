"""Who did what, hash-chained."""
