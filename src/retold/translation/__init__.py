"""Machine round trips: engines that translate English away and back, and a cache of what they return."""

from retold.translation.bundled_engine import BundledEngine
from retold.translation.cache import TranslationCache
from retold.translation.circuit_breaker import CircuitBreaker
from retold.translation.command_engine import CommandEngine
from retold.translation.engines import Engine, make_engine
from retold.translation.forced_decoding import TokenScores
from retold.translation.round_trip import round_trip_texts

__all__ = [
    "BundledEngine",
    "CircuitBreaker",
    "CommandEngine",
    "Engine",
    "TokenScores",
    "TranslationCache",
    "make_engine",
    "round_trip_texts",
]
