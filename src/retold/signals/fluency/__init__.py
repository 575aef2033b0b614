"""Fluency: how much context helps, and what it forbids."""
