"""Readability, house style and language identification."""
