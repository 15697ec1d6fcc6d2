"""WooCommerce: its webhooks, and its shop asked itself."""
