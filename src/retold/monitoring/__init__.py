"""After training: drift of a batch, and what to label next."""
