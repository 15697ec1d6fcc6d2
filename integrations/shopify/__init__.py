"""Shopify's words: `adapter` reads the bodies of its webhooks into ours."""
