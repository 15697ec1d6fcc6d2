"""What is kept while people work on a flow: each step of a draft's making, who reads its tests, and what was done with many at once."""
