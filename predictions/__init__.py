"""What is to be expected: who still buys, how often and how much (`bgnbd`, `gamma_gamma`: pure, cited), and how long a product lasts.

`fitting` refits each store in the background and scores its customers; `replenishment` learns intervals; `minimums` says when there is too
little to learn from, and that is said instead of a number.
"""
