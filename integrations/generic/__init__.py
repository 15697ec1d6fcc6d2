"""The format of any shop: our own words as JSON, over hooks, files and the API. `formats` is the published shape, `adapter` reads it."""
