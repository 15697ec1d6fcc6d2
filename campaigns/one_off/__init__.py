"""Campaigns: one mail to many at once. Each stands on a flow of its own that is in no list, with one step (or two, to be compared).

Its audience is frozen as rows: an enrollment and a planned `StepRun` for each person, by one statement. From there on everything is as with
flows: what may go is decided row by row, the last-moment gate stands in front of each mail, and the customer's page says why. What is its
own: the ten minutes in which it can be taken back (`scheduling`), the freezing (`freezing`), the line in which its mails wait so that
nobody else's wait behind them (`line`), and the comparison of two versions (`comparing`, pure).
"""
