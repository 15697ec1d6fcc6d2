"""What the shop sells: products, what their buyers should know (ProductGuide), and what goes well with what (Pairing)."""
