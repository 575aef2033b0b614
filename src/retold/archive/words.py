"""The words of a text as an index holds them: without case, accents and typography, so that the same article has the same words."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Sequence
from hashlib import blake2b

_WORD = re.compile(r"[^\W_]+")
_ACCENT = re.compile(r"[\u0300-\u036f]")
# Format characters that web pages put inside words: soft hyphen, zero-width spaces and joiners, byte order mark.
_INVISIBLE = re.compile("[\u00ad\u200b\u200c\u200d\u2060\ufeff]")
# Letters with strokes, which Unicode does not decompose and translation engines drop.
_STROKES = {"ł": "l", "ø": "o", "đ": "d", "\u0131": "i", "æ": "ae", "œ": "oe"}
_STROKE = re.compile(f"[{''.join(_STROKES)}]")
# Bytes of a digest: two of 10^9 different articles share one with a probability below 10^-20.
_DIGEST_BYTES = 16


def index_words(text: str) -> list[str]:
    """The words and numbers of a text, in order."""
    if "&" in text:
        text = html.unescape(text)
    if text.isascii():
        return _WORD.findall(text.lower())
    plain = unicodedata.normalize("NFKD", _INVISIBLE.sub("", text)).casefold()
    return _WORD.findall(_STROKE.sub(lambda letter: _STROKES[letter[0]], _ACCENT.sub("", plain)))


def digest(words: Sequence[str]) -> bytes:
    """16 bytes that texts of the same words share and no others."""
    return blake2b(" ".join(words).encode("utf-8", "surrogatepass"), digest_size=_DIGEST_BYTES).digest()
