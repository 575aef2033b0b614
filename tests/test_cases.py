"""Every case that went wrong is a test, and what cannot be judged has no label in any format."""

import csv
import json
import re
from pathlib import Path

import pytest

from retold.cli.main import main

TESTS = Path(__file__).parent
CASES = TESTS / "data" / "cases"
LISTED = (CASES / "README.md").read_text(encoding="utf-8")
UNJUDGEABLE = ("four-words", "korean")


def test_every_case_is_listed_with_tests_that_exist():
    files = {path.relative_to(CASES).as_posix() for path in CASES.rglob("*") if path.is_file()} - {"README.md"}
    assert files == set(re.findall(r"`([\w/-]+\.(?:txt|tsv|html))`", LISTED))
    for module, name in re.findall(r"`(test_\w+\.py)(?:::(\w+))?`", LISTED):
        assert f"def {name}" in (TESTS / module).read_text(encoding="utf-8")


@pytest.mark.parametrize("form", ["jsonl", "csv"])
def test_what_cannot_be_judged_has_no_label_in_any_format(tmp_path, form):
    out = tmp_path / f"out.{form}"
    main(["score", *(str(CASES / f"unjudgeable-{name}.txt") for name in UNJUDGEABLE), "--output", str(out)])
    with out.open(encoding="utf-8", newline="") as lines:
        rows = [json.loads(line) for line in lines] if form == "jsonl" else list(csv.DictReader(lines))
    judged = [row for row in rows if row.get("id")]
    assert len(judged) == len(UNJUDGEABLE)
    for row in judged:
        assert not row["label"]
        assert not [value for name, value in row.items() if name.startswith(("p_", "probabilities")) and value]
