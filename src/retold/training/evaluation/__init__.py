"""Held-out evaluation, the quality gate and the model card."""
