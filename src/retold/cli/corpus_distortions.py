"""``retold corpus spin`` and ``retold corpus scramble``: copies of one's own texts that no careful writer would have made."""

from __future__ import annotations

import argparse
import json
import zlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from retold.cli.exit_codes import OK, SOME_FAILED
from retold.cli.filtering import rejection
from retold.cli.output import opened
from retold.cli.output_checks import check_inputs, check_output
from retold.cli.shared_arguments import WHOLE_FILE, Commands, add_command, add_paths
from retold.cli.terminal import standard_streams
from retold.errors import InputError
from retold.reading import Document, Unreadable, read

# What a copy keeps of the row that its text came from.
_KEPT = ("group", "source", "domain")
_SPIN_EXAMPLES = """
retold corpus spin originals.jsonl --thesaurus th_en_US_v2.dat --one-in 8 --output spun.jsonl
"""
_SCRAMBLE_EXAMPLES = """
retold corpus scramble round-trips.jsonl --one-in 60 --output salad.jsonl
"""
# What is made of (text, id, number of the copy): the name of the rule and the copy.
Distort = Callable[[str, str, int], tuple[str, str]]


def add_arguments(kinds: Commands) -> None:
    """Add both kinds to the parser of ``retold corpus``."""
    spinner = add_command(kinds, "spin", run_spin, "copies whose words a thesaurus has replaced", _SPIN_EXAMPLES)
    spinner.add_argument(
        "--thesaurus",
        type=Path,
        required=True,
        metavar="FILE",
        help="a MyThes file, as in Debian's package mythes-en-us, or Moby's words.txt",
    )
    scrambler = add_command(
        kinds, "scramble", run_scramble, "word salad, as failing engines make it", _SCRAMBLE_EXAMPLES
    )
    for command in (spinner, scrambler):
        add_paths(command)
        command.add_argument("--output", required=True, metavar="FILE.jsonl", help=WHOLE_FILE)
        command.add_argument("--one-in", type=int, default=1, metavar="N", help="use one text in N; default: every one")


def run_spin(options: argparse.Namespace) -> int:
    """Write spun copies, each by the next rule: edits, since no other language lay between."""
    # Loads NumPy.
    from retold.detector import load
    from retold.training.data.spinning import RULES, Thesaurus, spin

    thesaurus = Thesaurus.read(options.thesaurus, load().components.language_model)

    def distort(text: str, id: str, number: int) -> tuple[str, str]:
        rule = RULES[number % len(RULES)]
        return f"{rule.name}.{options.thesaurus.stem}", spin(text, thesaurus, rule, id)

    return _write(options, distort, {"label": "edited", "kind": "spun"})


def run_scramble(options: argparse.Namespace) -> int:
    """Write word salad, each by the next rule: machine English of which no original is known."""
    from retold.training.data.word_salad import RULES, scramble

    def distort(text: str, id: str, number: int) -> tuple[str, str]:
        rule = RULES[number % len(RULES)]
        return rule.name, scramble(text, rule, id)

    return _write(options, distort, {"label": "machine-translated", "kind": "word_salad"})


def _write(options: argparse.Namespace, distort: Distort, fields: dict[str, str]) -> int:
    check_inputs(options.paths)
    check_output(options.output, options.paths)
    streams, failed, made = standard_streams(), 0, 0
    with opened(options.output, streams.output) as stream:
        for item in _chosen(read(options.paths, fields=_KEPT), options.one_in):
            reason = item.reason if isinstance(item, Unreadable) else rejection(item.text)[1]
            if reason or not isinstance(item, Document):
                failed += 1
                continue
            stream.write(json.dumps(_row(item, *distort(item.text, item.id, made), fields)) + "\n")
            made += 1
        if not made:
            raise InputError("no copies were made, so nothing was written")
    print(
        f"{made:,} copies made, {failed:,} texts passed over; next: retold train --data {options.output}",
        file=streams.errors,
    )
    return SOME_FAILED if failed else OK


def _chosen(items: Iterable[Document | Unreadable], one_in: int) -> Iterator[Document | Unreadable]:
    """One item in so many, the same ones whatever their order."""
    return (item for item in items if zlib.crc32(item.id.encode()) % max(one_in, 1) == 0)


def _row(document: Document, rule: str, text: str, fields: dict[str, str]) -> dict[str, Any]:
    kept = {name: document.fields[name] for name in _KEPT if document.fields.get(name)}
    group = {"group": document.id} | kept
    return {"id": f"{document.id}.{rule}", **group, **fields, "engine": f"{fields['kind']}:{rule}", "text": text}
