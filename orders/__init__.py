"""What was bought and where it is.

`incoming` says what every platform must hand over, `ingest` takes it in, `progress` (pure) tells the milestones and tracker
stages of an order, `figures` hands a customer's sums down to `customers.Metrics`.
"""
