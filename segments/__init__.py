"""Which customers: a rule tree, and its compiler to SQL."""
