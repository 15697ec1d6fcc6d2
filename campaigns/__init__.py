"""Who gets what, when, and why not: flows, their immutable versions and steps, enrollments and planned steps.

`timing` and `decisions` are pure rules; `enrollment` and `steps` are the verbs around them; `tasks.pulse` is the clock's hand.
"""
