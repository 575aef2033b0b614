"""Fixed expressions, whole and broken."""
