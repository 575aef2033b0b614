"""The noisy channel: what words and phrases become through each pivot language, learned and curated.

An observed word may be an intended one that came back changed (noisy channel: Brown et al. 1990; candidates and their
scoring in the manner of spelling correction: Kernighan, Church and Gale 1990).
"""

from retold.channel.lexical_table import PIVOTS, LexicalTable

__all__ = ["PIVOTS", "LexicalTable"]
