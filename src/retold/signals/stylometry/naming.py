"""How an article names people: courtesy titles or bare surnames, and who is named without an introduction."""

from __future__ import annotations

from retold.text import Article

_TITLES = frozenset("mr mrs ms miss mx dr prof sir dame lord lady".split())
_SAYING = frozenset("said says told added stated noted claimed explained insisted argued warned admitted".split())
_NOT_NAMES = frozenset(
    "he she it they we i you the a an this that these those but and officials police who which there what "
    "monday tuesday wednesday thursday friday saturday sunday".split()
)


def naming_habits(article: Article) -> tuple[int, float, int, float]:
    """Habits of naming.

    Returns:
        Courtesy titles; their share among later mentions of a surname, 0 to 1; people who speak under a surname that
        nothing introduced; and the share of attributions with the verb before the name, 0 to 1.
    """
    tokens, lower = article.tokens, article.lower
    titled = bare = introductions = verb_first = name_first = 0
    introduced: set[str] = set()
    for i, token in enumerate(tokens):
        if not _is_name(token, lower[i]):
            continue
        after_title = not _TITLES.isdisjoint(lower[max(i - 2, 0) : i])
        within_name = i > 0 and _is_name(tokens[i - 1], lower[i - 1])
        ends_name = i + 1 == len(tokens) or not _is_name(tokens[i + 1], lower[i + 1])
        speaks = ends_name and i + 1 < len(tokens) and lower[i + 1] in _SAYING
        verb_first += not within_name and i > 0 and lower[i - 1] in _SAYING - {"told"}
        name_first += speaks
        if token in introduced and not within_name:
            titled, bare = titled + after_title, bare + (not after_title)
        introductions += speaks and token not in introduced and not within_name and not after_title
        if ends_name:
            introduced.add(token)
    titles = sum(word in _TITLES for word in lower)
    return titles, titled / (titled + bare + 1), introductions, verb_first / (verb_first + name_first + 1)


def _is_name(token: str, lower: str) -> bool:
    return token[0].isupper() and lower not in _NOT_NAMES and lower not in _TITLES and token[-1].isalpha()
