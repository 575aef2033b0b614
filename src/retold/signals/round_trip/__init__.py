"""Round-trip similarity and forced decoding with a translation engine."""
