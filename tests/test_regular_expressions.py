"""Every regular expression of the package takes linear time: hostile strings are made of each pattern's own alphabet."""

import importlib
import pkgutil
import re
import time
from collections.abc import Iterator
from itertools import combinations

import numpy as np
import pytest

import retold

# Characters: the shortest text that is scored, a length at which a quadratic pattern is told from a linear one, the longest.
LENGTHS = (40, 4_000, 100_000)
# What is taken of a pattern's alphabet, and how many random strings over it are tried.
ALPHABET, RANDOM = 10, 12
# Seconds that 100,000 characters may take: linear patterns need under 0.05, quadratic ones several.
SECONDS = 1.0


def _patterns(value: object, depth: int = 0) -> Iterator[re.Pattern[str]]:
    if isinstance(value, re.Pattern):
        yield value
    elif depth < 3 and isinstance(value, (tuple, list, frozenset)):
        for item in value:
            yield from _patterns(item, depth + 1)
    elif depth < 3 and isinstance(value, dict):
        yield from _patterns(list(value.values()), depth)
    elif depth < 3 and hasattr(value, "__dataclass_fields__"):
        yield from _patterns([getattr(value, name, None) for name in value.__dataclass_fields__], depth)


def _package_patterns() -> dict[str, re.Pattern[str]]:
    """Pattern by module and source, of every module that can be imported here."""
    found = {}
    for module in pkgutil.walk_packages(retold.__path__, "retold."):
        if not module.name.endswith("__main__"):
            for name, value in sorted(vars(importlib.import_module(module.name)).items()):
                for pattern in _patterns(value):
                    found.setdefault(pattern.pattern + str(pattern.flags), (f"{module.name}.{name}", pattern))
    return {f"{name}-{i}": pattern for i, (name, pattern) in enumerate(found.values())}


def _alphabet(pattern: re.Pattern[str]) -> list[str]:
    """Characters that the pattern names, and one of each class that it names or leaves out."""
    plain = re.sub(r"\\u([0-9a-fA-F]{4})", lambda m: chr(int(m[1], 16)), pattern.pattern)
    named = [c for c in dict.fromkeys(plain) if c not in "\\?:|^$"]
    chosen = np.random.default_rng(0).permutation(named)[:ALPHABET].tolist()
    return [*dict.fromkeys(["a", "A", "1", " ", "'", "\n", *chosen])]


def _hostile(pattern: re.Pattern[str], length: int) -> dict[str, str]:
    """Strings of a length over the alphabet: each character, each pair, words of either, and random runs repeated."""
    alphabet, rng = _alphabet(pattern), np.random.default_rng(len(pattern.pattern))
    units = [*alphabet, *("".join(pair) for pair in combinations(alphabet, 2))]
    units += ["".join(rng.choice(alphabet, rng.integers(3, 10))) for _ in range(RANDOM)]
    texts = {unit: (unit * length)[:length] for unit in units}
    return texts | {f"random {n}": "".join(rng.choice(alphabet, length)) for n in range(3)}


def _seconds(pattern: re.Pattern[str], text: str) -> float:
    start = time.process_time()
    for _ in pattern.finditer(text):
        pass
    return time.process_time() - start


PATTERNS = _package_patterns()


@pytest.mark.parametrize("name", PATTERNS)
def test_long_hostile_strings_take_linear_time(name: str) -> None:
    pattern = PATTERNS[name]
    short, middle, long = LENGTHS
    assert max(_seconds(pattern, text) for text in _hostile(pattern, short).values()) < SECONDS
    slow = sorted((_seconds(pattern, text), unit) for unit, text in _hostile(pattern, middle).items())[-2:]
    texts = _hostile(pattern, long)
    for before, unit in slow:
        assert before < SECONDS, unit
        assert _seconds(pattern, texts[unit]) < SECONDS, unit


def test_the_test_sees_the_patterns_of_the_package_and_a_quadratic_one() -> None:
    assert len(PATTERNS) > 60
    quadratic = re.compile(r"[A-Z](?<!\w[A-Z])[A-Z']*+(?: [A-Z]+){5,}")
    slow, _, unit = max(
        (_seconds(quadratic, text), n, u) for n, (u, text) in enumerate(_hostile(quadratic, 4_000).items())
    )
    assert _seconds(quadratic, _hostile(quadratic, 20_000)[unit]) > 10 * slow
