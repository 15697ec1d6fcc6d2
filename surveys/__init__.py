"""What customers answered: one question at the right moment, a review of what they bought, and what follows from a low or a high one."""
