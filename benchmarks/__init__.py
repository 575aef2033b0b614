"""Scripts behind every reported figure; most need the corpus."""
