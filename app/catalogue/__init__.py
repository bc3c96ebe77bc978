"""The categories of domain 3.4."""
