"""Photos and voice recordings."""
