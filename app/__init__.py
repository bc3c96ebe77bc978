"""The domains of the service platform; each file's name says what is inside (docs/architecture.md)."""
