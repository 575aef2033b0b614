"""What words and phrases become through each pivot: alignment, the learned table and the linguists' lists."""

from retold.channel.lexicon import PIVOTS, Channel

__all__ = ["PIVOTS", "Channel"]
