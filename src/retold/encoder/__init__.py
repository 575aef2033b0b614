"""A small transformer that reads a passage and answers questions about it; how it is trained is in ``training/reader.py``."""

from retold.encoder.encoder import Encoder
from retold.encoder.pieces import Pieces

__all__ = ["Encoder", "Pieces"]
