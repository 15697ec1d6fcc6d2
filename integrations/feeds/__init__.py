"""Carriers' news by way of those who gather it: each says of a tracking number where it was seen, and when it will arrive."""
