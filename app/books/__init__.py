"""Books of a company: double entry, vouchers by three persons, public revenue for residents (S0-15, S4-26, S4-27)."""
