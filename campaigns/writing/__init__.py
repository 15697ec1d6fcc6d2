"""Writing: flows and their mails while people work on them. Drafts beside the live version and each step of their making, reading and
testing them, the shelf of kept blocks, other languages, what would change, and publishing. The engine knows nothing of it.
"""
