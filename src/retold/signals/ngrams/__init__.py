"""Learned log-odds of hashed word and masked n-grams."""
