"""Fees: standards, bills, their payment, questions about them."""
