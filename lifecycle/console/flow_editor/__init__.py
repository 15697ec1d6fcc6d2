"""The pages that change a flow: its line, one step, its rules, the publish sheet, and what it was before. All of them work on the draft."""
