"""How shops are asked to make discount codes: `wanted` says what, `shopify` and `woocommerce` in each one's own words.

**Add a shop**: a module with `make` and `find` (`wanted.Adapter`), a member of `Counter.Platform`, and its line in `making.ADAPTERS`.
"""
