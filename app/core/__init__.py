"""What every domain stands on; no domain word in here."""
