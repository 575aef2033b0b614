"""Letters that only look like others, and capitals that carry nothing: put right, a character for a character.

Both change what every signal sees and nothing that a reader sees or means, so neither may move a score. A text keeps its
length here, so that offsets stay what they are.
"""

from __future__ import annotations

import re

# Letters that print like Latin ones, from the confusables of Unicode Technical Standard 39: Cyrillic, Greek, Armenian
# and phonetic ones that common typefaces draw alike.
_ALIKE = {
    "a": "\u0430\u0251\u03b1", "c": "\u0441\u03f2", "d": "\u0501", "e": "\u0435", "g": "\u0261\u0581", "h": "\u04bb\u0570",
    "i": "\u0456\u03b9", "j": "\u0458\u03f3", "k": "\u043a\u03ba", "l": "\u04cf", "n": "\u0578", "o": "\u043e\u03bf\u0585",
    "p": "\u0440\u03c1", "q": "\u051b", "s": "\u0455", "u": "\u057d\u03c5", "v": "\u0475\u03bd", "w": "\u051d\u0461",
    "x": "\u0445",
    "y": "\u0443\u04af\u03b3", "A": "\u0410\u0391", "B": "\u0412\u0392", "C": "\u0421\u03f9",
    "E": "\u0415\u0395",
    "G": "\u050c", "H": "\u041d\u0397", "I": "\u0406\u0399\u04c0", "J": "\u0408", "K": "\u041a\u039a", "M": "\u041c\u039c",
    "N": "\u039d", "O": "\u041e\u039f\u0555", "P": "\u0420\u03a1", "S": "\u0405", "T": "\u0422\u03a4", "V": "\u0474",
    "W": "\u051c", "X": "\u0425\u03a7", "Y": "\u04ae\u03a5", "Z": "\u0396",
}  # fmt: skip
_LATIN = {ord(alike): latin for latin, letters in _ALIKE.items() for alike in letters}
_ANY_ALIKE = re.compile(f"[{''.join(_ALIKE.values())}]")
# Cyrillic letters that look like no Latin one: whoever writes Cyrillic cannot do without them.
_CYRILLIC_PROPER = re.compile(r"[\u0400-\u052f]")
_WORD = re.compile(r"[^\W\d_]+")
_LATIN_LETTER = re.compile(r"[A-Za-z\u00c0-\u024f]")

# Texts of fewer words keep their capitals: a headline or a list of names is no news article.
_JUDGED_WORDS = 20
# Shares of capitalised words between which a text keeps its case. Chosen by judgement, far outside of what running prose
# has: names and openings of sentences make about a tenth; a text set in capitals, or with one on every word, has nearly all.
_MOST_CAPITALISED, _LEAST_CAPITALISED = 0.7, 0.02
_CAPITALISED = re.compile(r"""(?:\A|[ "'(\[-])[A-Z]""")
_FIRST_LETTER = re.compile(r"""(?:\A|[.!?]["')\]]*\s+)["'(\[]*([^\W\d_])""")
# Runs of so many words in capitals are heads; shorter ones are names, datelines and abbreviations. The empty group after
# a word that opens no head takes the word as a whole: it opens none at a later letter either, and trying them all is quadratic.
_SHOUTED = re.compile(r"[A-Z](?<!\w[A-Z])[A-Z']*+(?:(?:[^\w\n.!?]{1,3}[A-Z][A-Z']*+\b){5,}|())")


def fold_confusables(text: str) -> str:
    """Put Latin letters for their look-alikes in words that mix alphabets.

    Words of look-alikes alone become Latin only where the whole text has no other Cyrillic letter.
    """
    if not _ANY_ALIKE.search(text):
        return text
    plain = _WORD.sub(lambda m: _if_mixed(m[0]), text)
    cyrillic = set(_CYRILLIC_PROPER.findall(plain))
    return (
        plain.translate({ord(c): _LATIN[ord(c)] for c in cyrillic})
        if all(ord(c) in _LATIN for c in cyrillic)
        else plain
    )


def _if_mixed(word: str) -> str:
    if word.isascii() or not _LATIN_LETTER.search(word):
        return word
    return word.translate(_LATIN)


def truecase(text: str) -> str:
    """Give a text without capitals, or with too many, those that open sentences, and heads in capitals the first one.

    Which words were names cannot be known again; they stay in lower case.
    """
    words = text.count(" ") + 1
    if words >= _JUDGED_WORDS:
        share = len(_CAPITALISED.findall(text)) / words
        if share > _MOST_CAPITALISED:
            return _open_sentences(_lower(text))
        if share < _LEAST_CAPITALISED:
            return _open_sentences(text)
    return _SHOUTED.sub(lambda m: m[0] if m[1] is not None else m[0][0] + _lower(m[0][1:]), text)


def _open_sentences(text: str) -> str:
    pieces: list[str] = []
    last = 0
    for match in _FIRST_LETTER.finditer(text):
        at = match.start(1)
        pieces += (text[last:at], _same_length(text[at], text[at].upper()))
        last = at + 1
    return "".join([*pieces, text[last:]])


def _lower(text: str) -> str:
    lower = text.lower()
    return lower if len(lower) == len(text) else "".join(_same_length(c, c.lower()) for c in text)


def _same_length(before: str, after: str) -> str:
    return after if len(after) == 1 else before
