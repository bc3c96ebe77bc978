"""The clock of the product: a process that asks, again and again, what is due. Any number of them may run."""
