"""What words and phrases become through each pivot: alignment, the learned table and the linguists' lists."""

from retold.channel.lexical_table import PIVOTS, LexicalTable

__all__ = ["PIVOTS", "LexicalTable"]
