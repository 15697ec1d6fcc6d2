"""The shelf: blocks and whole mails that a shop keeps for its other mails. What is taken from it is a copy."""
