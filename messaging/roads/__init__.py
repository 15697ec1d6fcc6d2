"""How a mail leaves: a store's accounts and their pace, the kept lines and providers behind them, and the bytes of a mail."""
