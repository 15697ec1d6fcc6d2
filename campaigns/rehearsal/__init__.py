"""What a flow would have done with what has been: the live planner and the live rules, over real orders, and nothing written.

Person by person the past is read (`records`), loaded as plain facts (`past`), told again as it became known (`story`, `trouble`), and
played (`playing`): each step at the moment at which it would have gone (`moments`), with the facts of that moment (`asking`), joined with
a later order's where the live engine would join it. Permission and other wishes, tips, codes, segments and switches are those of today.
`script` says what is played, `tally` counts, `running` does it in the background, `sharing` at once on all processors for a command,
`quickly` for the review sheet.
"""
