"""Smallest valid rows and payloads; `store` is handed down. Stories use the real verbs."""
