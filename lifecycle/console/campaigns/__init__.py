"""The pages of campaigns: the list, the plan of one and what became of it, its mail, and the calendar."""
