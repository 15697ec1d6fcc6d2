"""Files as shops and spreadsheets write them, read into orders and people.

`decoding` and `table` make rows of any text; `targets` and `exports` say what columns mean; `values` reads dates and amounts; `reading`
is the decision on one file, kept with its job; `orders` and `people` put rows together. Nothing here writes.
"""
