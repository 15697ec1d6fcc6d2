"""The domain a store sends from: what its DNS should say, and says."""
