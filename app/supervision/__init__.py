"""What the bureau sees: indicators and figures."""
