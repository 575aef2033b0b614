"""Feed mutated input to every reader of files: ``python benchmarks/fuzz.py [--minutes N] [--seed N] [--targets NAME...]``.

Each target takes sound bytes that were mutated (bits flipped, pieces cut, repeated, swapped, or replaced by what breaks parsers)
and checks what must hold whatever they are: no error but one sentence of ``RetoldError``, verdicts that are valid JSON without
NaN, evidence that indexes the text, and no example over the time limit. A failing example is kept in ``--keep`` (its file is
written before it is tried, so that one that kills the process is there, too) and printed with its place in the code; the exit
code is 1. The same seed makes the same examples. The end says how long each target ran and what it found.

Targets: documents of every kind of file, texts, pairs of versions, model folders (as they are, and signed anew over the
mutated part), archives, the record of a run, and the cache of translations.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.fuzz_targets import Target, targets
from retold.detector.time_limit import limited
from retold.errors import RetoldError

# Seconds of the processor that an example may take; the slowest sound one takes a tenth.
_SECONDS = 60.0
# What has broken parsers and tables before: ends of types, controls, half characters, formulas, deep nesting, huge numbers.
_TOKENS = (
    b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\x1b[31m", b"\r", b"\n\n", b"\t", b'"', b"'", b",", b"{", b"}", b"[",
    b"]", b"<!--", b"<script>", b"]]>", b"&#x110000;", b"&amp;", b"=1+1", b"NaN", b"Infinity", b"1e999", b"-1", b"null",
    b"true", b"\\ud800", b"\\", b"%s", b"../", b"9" * 40, b"[" * 2_000, b"<b>" * 500, b"a" * 5_000, "\u2028".encode(),
    "\ufdfa".encode() * 50, "e\u0301".encode() * 200, "\u202e".encode(), "\U0001f468\u200d\U0001f469".encode(),
    b"make a decision " * 100, b"the the " * 200, b"U.S." * 200, b"--" * 500, b"'s " * 300,
)  # fmt: skip


@dataclass
class Tally:
    """What became of a target's examples."""

    examples: int = 0
    seconds: float = 0.0
    findings: Counter[str] = field(default_factory=Counter)


def mutated(data: bytes, generator: random.Random) -> bytes:
    """A few mutations of sound bytes."""
    out = bytearray(data)
    for _ in range(generator.choice((1, 1, 2, 4, 16))):
        at = generator.randrange(len(out) + 1)
        length = generator.choice((1, 2, 8, 64, 1_024))
        kind = generator.randrange(6)
        if kind == 0 and at < len(out):
            out[at] ^= 1 << generator.randrange(8)
        elif kind == 1:
            out[at:at] = generator.choice(_TOKENS)
        elif kind == 2:
            del out[at : at + length]
        elif kind == 3:
            out[at:at] = out[at : at + length] * generator.choice((1, 3, 40))
        elif kind == 4:
            out[at : at + length] = generator.randbytes(length)
        else:
            other = generator.randrange(len(out) + 1)
            out[at:at] = out[other : other + length]
    return bytes(out)


def try_one(target: Target, generator: random.Random, keep: Path) -> str:
    """Try one example; what failed, or an empty string."""
    data = mutated(generator.choice(target.seeds), generator)
    pending = keep / f"{os.getpid()}.pending"
    pending.write_bytes(data)
    try:
        # A thread of tantivy may still write a lock into what is deleted.
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder, limited(_SECONDS):
            target.check(data, Path(folder))
    except RetoldError:
        return ""
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        place = traceback.extract_tb(error.__traceback__)[-1]
        finding = f"{type(error).__name__} at {Path(place.filename).name}:{place.lineno}: {str(error)[:100]}"
        name = hashlib.sha256(finding.encode()).hexdigest()[:12]
        pending.rename(keep / name)
        return f"{finding} ({keep / name})"
    finally:
        pending.unlink(missing_ok=True)
    return ""


def fuzz(names: Sequence[str], seconds: float, seed: int, keep: Path, most: int = sys.maxsize) -> dict[str, Tally]:
    """Try examples, of each kind of target equally often, until the time is over or there were ``most``."""
    keep.mkdir(parents=True, exist_ok=True)
    chosen = {name: t for name, t in targets().items() if any(name.startswith(start) for start in names or [""])}
    kinds: dict[str, list[str]] = {}
    for name in chosen:
        kinds.setdefault(name.rpartition(" ")[0] or name, []).append(name)
    tallies: dict[str, Tally] = {kind: Tally() for kind in kinds}
    end = time.monotonic() + seconds
    for number in range(most):
        if time.monotonic() > end:
            break
        generator = random.Random(f"{seed} {number}")  # noqa: S311  the same examples in every run
        kind = sorted(kinds)[number % len(kinds)]
        name, tally = generator.choice(kinds[kind]), tallies[kind]
        start = time.process_time()
        finding = try_one(chosen[name], generator, keep)
        tally.seconds += time.process_time() - start
        tally.examples += 1
        if finding:
            tally.findings[finding] += 1
            print(f"{name}, example {number} of seed {seed}: {finding}", file=sys.stderr, flush=True)
    return tallies


def main(argv: Sequence[str] | None = None) -> int:
    """Fuzz, and print what was tried and found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=1.0, help="how long; default: 1")
    parser.add_argument("--most", type=int, default=sys.maxsize, help="examples; default: no limit")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="default: the time")
    parser.add_argument("--targets", nargs="*", default=[], help="beginnings of their names; default: all")
    parser.add_argument(
        "--keep", type=Path, default=Path(tempfile.gettempdir()) / "retold-fuzz", help="failing examples"
    )
    options = parser.parse_args(argv)
    tallies = fuzz(options.targets, 60 * options.minutes, options.seed, options.keep, options.most)
    for name, tally in tallies.items():
        print(f"{name}: {tally.examples:,} examples, {tally.seconds:.1f} s, {len(tally.findings)} findings")
    examples, found = sum(t.examples for t in tallies.values()), sum(len(t.findings) for t in tallies.values())
    hours = sum(t.seconds for t in tallies.values()) / 3600
    print(f"seed {options.seed}: {examples:,} examples in {hours:.2f} hours of the processor, {found} findings")
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())
