"""Starting and setting up the product."""
