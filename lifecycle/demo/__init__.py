"""A small shop to look at: Marlow & Finch, coffee and kitchen things, four weeks of orders through the real doors."""
