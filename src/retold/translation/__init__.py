"""Round trips by machine: engines that translate English away and back, and a memory of what they said."""

from retold.translation.cache import TranslationCache
from retold.translation.engines import BundledEngine, CommandEngine, Engine, make_engine
from retold.translation.forced_decoding import TokenScores
from retold.translation.round_trip import round_trip_texts

__all__ = [
    "CommandEngine",
    "Engine",
    "TranslationCache",
    "BundledEngine",
    "TokenScores",
    "make_engine",
    "round_trip_texts",
]
