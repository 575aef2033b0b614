"""Artefacts of translation engines in numbers, dates, quotation marks and names."""
