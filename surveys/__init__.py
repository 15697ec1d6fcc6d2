"""What customers answered: one question at the right moment, and what follows from a low or a high answer."""
