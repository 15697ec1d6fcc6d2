"""What comes back of mails that went: bounces, complaints and deliveries, and what follows from them for addresses, stores and figures."""
