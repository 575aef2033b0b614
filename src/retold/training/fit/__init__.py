"""Everything that is estimated from data, a module an estimate."""
