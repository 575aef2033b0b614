"""What happens to texts between the newsroom and the reader, by accident or on purpose: pure functions of text and chance."""

from __future__ import annotations

import difflib
import random
import re
from collections.abc import Callable
from itertools import pairwise

from retold.text.normalization import normalize
from retold.text.tokenization import sentence_starts

Disturb = Callable[[str, random.Random], str]

# Cyrillic letters that print like these Latin ones in common typefaces (Unicode Technical Standard 39, confusables).
_LOOK_ALIKES = str.maketrans("aceopxyisjABCEHKMOPTXY", "асеорхуіѕјАВСЕНКМОРТХУ")  # noqa: RUF001  # that is the point
_ZERO_WIDTH = "\u200b\u200c\u200d\u2060\ufeff\u00ad"
_WORD = re.compile(r"[^\W\d_]+")
# Paragraphs of texts that come without any: four sentences, as newsrooms write them.
_PARAGRAPH_SENTENCES = 4


def homoglyphs(share: float) -> Disturb:
    """Replace this share of the words' look-alike letters by Cyrillic ones."""

    def disturb(text: str, chance: random.Random) -> str:
        return "".join(c.translate(_LOOK_ALIKES) if chance.random() < share else c for c in text)

    return disturb


def zero_width(share: float) -> Disturb:
    """Put an invisible character behind this share of all characters."""

    def disturb(text: str, chance: random.Random) -> str:
        return "".join(c + (chance.choice(_ZERO_WIDTH) if chance.random() < share else "") for c in text)

    return disturb


def misspellings(share: float) -> Disturb:
    """Misspell this share of the words of four letters and more: two letters swapped, one dropped or one doubled."""

    def disturb(text: str, chance: random.Random) -> str:
        return _WORD.sub(lambda m: _misspelt(m[0], chance) if len(m[0]) > 3 and chance.random() < share else m[0], text)

    return disturb


def _misspelt(word: str, chance: random.Random) -> str:
    at = chance.randrange(1, len(word) - 1)
    kind = chance.randrange(3)
    if kind == 0:
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    return word[:at] + (word[at + 1 :] if kind == 1 else word[at] + word[at:])


def lower_case(text: str, chance: random.Random) -> str:
    """No capitals."""
    return text.lower()


def upper_case(text: str, chance: random.Random) -> str:
    """Nothing but capitals."""
    return text.upper()


def title_case(text: str, chance: random.Random) -> str:
    """A capital on every word."""
    return _WORD.sub(lambda m: m[0][0].upper() + m[0][1:], text)


def title_cased_heads(text: str, chance: random.Random) -> str:
    """The first sentence of every paragraph set as a head, a capital on every word."""
    blocks = [sentences(block) for block in paragraphs(text)]
    return "\n\n".join(" ".join([title_case(block[0], chance), *block[1:]]) for block in blocks)


def shouted_heads(text: str, chance: random.Random) -> str:
    """The first sentence of every paragraph in capitals."""
    blocks = [sentences(block) for block in paragraphs(text)]
    return "\n\n".join(" ".join([block[0].upper(), *block[1:]]) for block in blocks)


def cut_paragraphs(text: str, chance: random.Random) -> str:
    """Every second paragraph is cut; the first stays."""
    return "\n\n".join(paragraphs(text)[::2])


def shuffled_paragraphs(text: str, chance: random.Random) -> str:
    """Paragraphs in another order."""
    blocks = paragraphs(text)
    chance.shuffle(blocks)
    return "\n\n".join(blocks)


def shuffled_sentences(text: str, chance: random.Random) -> str:
    """Sentences in another order."""
    found = sentences(text)
    chance.shuffle(found)
    return " ".join(found)


def stripped_quotes(text: str, chance: random.Random) -> str:
    """Quotation marks gone, their words left."""
    return re.sub(r"[\"\u201c\u201d]|(?<!\w)'|'(?!\w)", "", text)


def cut_quotations(text: str, chance: random.Random) -> str:
    """Quotation marks gone, and the words between them."""
    return re.sub(r"[\"\u201c][^\"\u201c\u201d]{1,2000}[\"\u201d]", "", text)


def markdown(text: str, chance: random.Random) -> str:
    """Markdown that no reader took off: a head, emphasis, links, quoted paragraphs."""
    blocks = [_marked(block, chance) for block in paragraphs(text)]
    return "# News of the day\n\n" + "\n\n".join(("> " if chance.random() < 0.3 else "") + block for block in blocks)


def _marked(block: str, chance: random.Random) -> str:
    forms = ("**{}**", "*{}*", "[{}](https://news.example/a_b?c=1)", "_{}_")
    return _WORD.sub(lambda m: chance.choice(forms).format(m[0]) if chance.random() < 0.05 else m[0], block)


def html(text: str, chance: random.Random) -> str:
    """HTML that no reader took off."""
    blocks = "\n".join(f'<p class="story__body">{_tagged(block, chance)}</p>' for block in paragraphs(text))
    return f'<div id="article-1">\n{blocks}\n</div>'


def _tagged(block: str, chance: random.Random) -> str:
    forms = (
        "<b>{}</b>",
        "<em>{}</em>",
        '<a href="https://news.example/a?b=1&amp;c=2" target="_blank">{}</a>',
        "{}<br/>",
    )
    return _WORD.sub(lambda m: chance.choice(forms).format(m[0]) if chance.random() < 0.05 else m[0], block)


def sentences(text: str) -> list[str]:
    """The sentences of a text, in canonical form."""
    plain = normalize(text).text
    starts = [*sentence_starts(plain), len(plain)]
    return [plain[a:b].strip() for a, b in pairwise(starts) if plain[a:b].strip()]


def paragraphs(text: str) -> list[str]:
    """A text in paragraphs of four sentences."""
    found = sentences(text)
    return [" ".join(found[i : i + _PARAGRAPH_SENTENCES]) for i in range(0, len(found), _PARAGRAPH_SENTENCES)]


def repaired(machine: str, original: str, share: float, chance: random.Random) -> str:
    """Machine text as an editor leaves it: differences from the original put right until ``share`` of the words changed."""
    a, b = machine.split(), original.split()
    edits = [e for e in difflib.SequenceMatcher(None, a, b, autojunk=False).get_opcodes() if e[0] == "replace"]
    edits = [e for e in edits if max(e[2] - e[1], e[4] - e[3]) <= 4]
    chance.shuffle(edits)
    left, chosen = share * len(a), []
    for edit in edits:
        if left <= 0:
            break
        chosen.append(edit)
        left -= edit[2] - edit[1]
    for _, start, end, other_start, other_end in sorted(chosen, reverse=True):
        a[start:end] = b[other_start:other_end]
    return " ".join(a)


SURFACE: dict[str, Disturb] = {
    "homoglyphs, 10% of letters": homoglyphs(0.1),
    "homoglyphs, 50% of letters": homoglyphs(0.5),
    "zero-width characters, 20%": zero_width(0.2),
    "misspellings, 1% of words": misspellings(0.01),
    "misspellings, 3% of words": misspellings(0.03),
    "all lower case": lower_case,
    "ALL CAPS": upper_case,
    "Every Word Capitalised": title_case,
    "title-cased heads": title_cased_heads,
    "HEADS IN CAPITALS": shouted_heads,
    "every second paragraph cut": cut_paragraphs,
    "paragraphs shuffled": shuffled_paragraphs,
    "sentences shuffled": shuffled_sentences,
    "quotation marks stripped": stripped_quotes,
    "quotations cut": cut_quotations,
    "Markdown left in": markdown,
    "HTML left in": html,
}
