"""Invoices: asked for by payers, written out and handed over by the company, reversed before money goes back."""
