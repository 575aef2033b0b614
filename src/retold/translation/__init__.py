"""Round trips by machine: engines that translate English away and back, and a memory of what they said."""

from retold.translation.documents import round_trip_texts
from retold.translation.engines import CommandEngine, Engine, PackagedEngine, engine_named
from retold.translation.marian import Reading
from retold.translation.memory import Memory

__all__ = ["CommandEngine", "Engine", "Memory", "PackagedEngine", "Reading", "engine_named", "round_trip_texts"]
