"""Changed facts are named by their kind; what is only written in another way is none."""

import csv
from pathlib import Path

import pytest

import retold
from retold.compare.changes import changes_between
from retold.compare.names import is_one_name
from retold.compare.negation import negators
from retold.compare.quantities import quantities, same_quantity
from retold.compare.relations import align_pair
from retold.compare.version import Version

CASES = Path(__file__).parent / "data" / "cases"
BASE = (CASES / "facts-base.txt").read_text(encoding="utf-8")
with (CASES / "facts.tsv").open(encoding="utf-8") as lines:
    ROWS = [(row["from"], row["to"], row["kind"]) for row in csv.DictReader(lines, delimiter="\t")]


def facts(before, after):
    a = Version.of("a", before)
    al = align_pair(a, Version.of("b", after)).starting_from(a)
    return [c for c in changes_between(al, None, retold.load().comparison_weights.pivots) if c.fact]


@pytest.mark.parametrize(("old", "new", "kind"), ROWS, ids=[f"{old} to {new}" for old, new, _ in ROWS])
def test_each_case_is_named(old, new, kind):
    found = facts(BASE, BASE.replace(old, new))
    expected = set() if kind == "none" else {kind.split()[0]}
    assert {c.fact for c in found} == expected
    assert all(c.risk in ("fact", "meaning") for c in found)


def test_every_occurrence_of_a_name_is_reported_once():
    found = facts(BASE, BASE.replace("Grady", "Brady"))
    assert [(c.from_text, c.to_text) for c in found] == [("Grady", "Brady")] * BASE.count("Grady")
    assert len({c.from_span for c in found}) == len(found)


def test_a_fact_is_in_the_json_and_other_changes_have_none():
    (change,) = facts(BASE, BASE.replace("convicted", "acquitted"))
    assert change.as_dict()["fact"] == "opposite"
    assert (change.kind, change.risk) == ("copy-edit", "meaning")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("62 miles per hour", "100 km/h"),
        ("three weeks", "21 days"),
        ("Mr. Grady faces", "Grady faces"),
        ("in all 130 of its vehicles", "in each of its 130 vehicles"),
        ("did not testify", "declined to testify"),
        ("Superintendent Paul Reyes", "Paul Reyes, the superintendent,"),
        ("on Monday convicted", "convicted"),
    ],
)
def test_what_is_only_written_otherwise_is_no_fact(old, new):
    assert facts(BASE, BASE.replace(old, new)) == []


@pytest.mark.parametrize(
    ("x", "y"),
    [
        ("six miles", "10 km"),
        ("half", "50 percent"),
        ("1.2 million dollars", "$ 1,200,000"),
        ("two - thirds", "2 / 3"),
        ("4:30", "4.30"),
        ("187 pounds", "85 kg"),
    ],
)
def test_equal_quantities(x, y):
    ((p,), (q,)) = (quantities(side.split(), side.split()) for side in (x, y))
    assert same_quantity(p, q)


@pytest.mark.parametrize(
    ("x", "y"), [("six miles", "12 km"), ("$ 5", "€ 5"), ("3 weeks", "3 months"), ("third", "3 %")]
)
def test_other_quantities(x, y):
    ((p,), (q,)) = (quantities(side.split(), side.split()) for side in (x, y))
    assert not same_quantity(p, q)


def test_a_range_shares_its_scale():
    found = quantities("from five to six million".split(), "from five to six million".split())
    assert [q.value for q in found] == [5e6, 6e6]


@pytest.mark.parametrize(
    ("x", "y", "same"),
    [
        ("brandt", "brandtova", True),
        ("ukraine", "ukrainian", True),
        ("netanyahu", "netanjahu", True),
        ("grady", "brady", False),
        ("millbrook", "millbank", False),
        ("walter", "william", False),
    ],
)
def test_forms_of_one_name(x, y, same):
    assert is_one_name(x, y) == same


@pytest.mark.parametrize(
    ("text", "count"),
    [("it is not so", 1), ("not only here", 0), ("no . 5", 0), ("neither here nor there", 1), ("has yet to speak", 1)],
)
def test_negators(text, count):
    assert sum(negators(text.split())) == count
