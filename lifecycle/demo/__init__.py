"""A small shop to look at: Marlow & Finch, coffee and kitchen things; all of it comes in through the real doors.

`years` is history from a file, `story` the last four weeks as a shop would tell them, `live` what happens while the demo runs.
"""
