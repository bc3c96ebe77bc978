"""The history of the tables (Alembic); a test proves that head equals the models."""
