"""A real case in small: an agency's story, three desks' edits and a content farm's round trip through French."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from fakes import FakeDetector

import retold
from retold.cli.compare import compare as command
from retold.cli.reference import read_reference
from retold.cli.score import score
from retold.compare import compare
from retold.compare.result import Change, Cluster, ComparedDocument, LineageEdge
from retold.compare.story import Story
from retold.compare.version import Version
from retold.errors import InputError
from retold.report.comparison import render_difference, tree

STORY = Path(__file__).parent / "data" / "story"
FARM = "5-content-farm.txt"


@pytest.fixture(scope="module")
def texts():
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(STORY.glob("*.txt"))}


@pytest.fixture(scope="module")
def result(texts):
    other = "The chess club of Aldersey has won the county cup for a third year, beating Thornwick by 4 to 2. " * 3
    return compare([*texts.values(), other], [*texts, "other"])


def test_the_story_is_one_cluster_and_the_other_is_alone(result):
    assert [len(c.documents) for c in result.clusters] == [5, 1]
    assert [d.uses_comparison for d in result.documents] == [True] * 5 + [False]


def test_the_agency_is_the_source(result):
    story = result.clusters[0]
    assert max(story.source, key=story.source.get) == "1-agency.txt"
    assert {e.parent for e in story.edges} == {"1-agency.txt"}


def test_labels_and_pivot(result):
    assert [d.label for d in result.documents[:5]] == ["original", "edited", "edited", "edited", "back-translated"]
    assert next(iter(result.documents[4].pivot)) == "fr"
    (edge,) = [e for e in result.clusters[0].edges if e.child == FARM]
    assert (edge.relation, edge.pivot) == ("back-translated", "fr")


def test_settlement_came_back_as_colony(result):
    (found,) = [c for c in result.changes if (c.from_text, c.to_text) == ("settlement", "colony")]
    assert (found.kind, found.pivot, found.risk, found.to_id) == ("retranslation", "fr", "meaning", FARM)


def test_facts_are_called_out_first(result):
    risks = [c.risk for c in result.changes]
    assert risks == sorted(risks, key=["fact", "meaning", "none"].index)


def test_square_miles_for_square_kilometres_are_no_other_claim(texts, result):
    assert "730 square miles" in texts["2-national-daily.txt"]
    assert not [c for c in result.changes if c.fact in ("number", "unit")]


def test_spans_index_the_texts(result, texts):
    for c in result.changes:
        assert texts[c.from_id][slice(*c.from_span)] == c.from_text
        assert texts[c.to_id][slice(*c.to_span)] == c.to_text


def test_the_object_has_the_documented_names(result):
    found = json.loads(json.dumps(result.as_dict()))
    assert list(found) == ["documents", "clusters", "changes"]
    assert list(found["documents"][0]) == [
        "id",
        "cluster",
        "label",
        "probabilities",
        "pivot",
        "uses_comparison",
        "abstained",
    ]
    assert list(found["clusters"][0]) == ["cluster", "documents", "source", "edges", "same_event"]
    assert list(found["clusters"][0]["edges"][0]) == ["parent", "child", "relation", "pivot", "probability"]
    names = ["from", "to", "kind", "from_span", "to_span", "from_text", "to_text", "risk"]
    assert [k for k in found["changes"][0] if k not in ("pivot", "fact")] == names
    assert all(sum(d["probabilities"].values()) == pytest.approx(1, abs=1e-5) for d in found["documents"])


def test_the_order_of_the_input_does_not_matter(texts, result):
    turned = compare(list(texts.values())[::-1], list(texts)[::-1])
    assert {d.id: d.label for d in turned.documents} == {d.id: d.label for d in result.documents[:5]}
    assert {(e.parent, e.child) for e in turned.clusters[0].edges} == {
        (e.parent, e.child) for e in result.clusters[0].edges
    }


def test_what_texts_say_by_themselves_counts_too(texts):
    farm = compare(list(texts.values())[:1], ["a"], probabilities=np.array([[0.1, 0.2, 0.7]])).documents[0]
    assert (farm.label, farm.uses_comparison) == ("back-translated", False)


def test_copies_nothing_and_empty_texts_are_borne(texts):
    copies = compare([texts["1-agency.txt"]] * 3)
    assert len(copies.clusters) == 1
    assert copies.changes == ()
    assert {(e.parent, e.child, e.relation) for e in copies.clusters[0].edges} == {
        ("0", "1", "copied"),
        ("0", "2", "copied"),
    }
    assert {d.label for d in copies.documents} == {"original"}
    assert compare([]).as_dict() == {"documents": [], "clusters": [], "changes": []}
    assert [d.cluster for d in compare(["", " ", "?"]).documents] == [0, 1, 2]


def test_a_copy_in_other_lines_is_a_copy(texts):
    text = texts["1-agency.txt"]
    found = compare([text, text.replace("\n", " ")], ["lines", "one line"])
    assert [e.relation for e in found.clusters[0].edges] == ["copied"]
    assert {d.label for d in found.documents} == {found.documents[0].label}


def test_more_copies_than_any_story_has_stay_one_story(texts):
    found = compare([texts["1-agency.txt"]] * 260 + [texts[FARM]])
    assert [len(c.documents) for c in found.clusters] == [261]
    assert found.documents[-1].label == "back-translated"


def test_ids_must_differ():
    with pytest.raises(InputError, match="all different"):
        compare(["a", "b"], ["x", "x"])


def test_html_is_escaped(texts):
    shown = compare([texts["1-agency.txt"]] * 2, ["<b>1", "2"])._repr_html_()
    assert "&lt;b&gt;1" in shown
    assert "<b>1" not in shown


def test_the_command_prints_the_lineage(tmp_path, texts, streams):
    for name, text in texts.items():
        (tmp_path / name).write_text(text.replace("six European", "ten European") if name == FARM else text)
    assert command([tmp_path], detector=Uniform(), streams=streams) == 0
    printed = streams.output.getvalue()
    assert "`- " in printed
    assert re.search(r"back-translated \d+%, through French \d+%", printed)
    assert "changed facts: 1" in printed
    assert "number: six -> ten" in printed


def test_the_command_shows_a_word_diff(streams):
    command([STORY], show=["1-agency.txt", FARM], streams=streams)
    assert "[-settlement-]{+colony+}(retranslation fr)" in streams.output.getvalue().replace("\n", " ")


def test_the_command_writes_json(tmp_path, streams):
    path = tmp_path / "found.json"
    assert command([STORY], "json", output=path, detector=Uniform(), streams=streams) == 0
    assert len(json.loads(path.read_text())["documents"]) == 5


def test_the_command_writes_a_page(tmp_path, streams):
    path = tmp_path / "found.html"
    assert command([STORY], "html", output=path, detector=Uniform(), streams=streams) == 0
    assert path.read_text(encoding="utf-8").count('<details class="pair"') == 10


def test_a_document_without_words_gets_no_label(tmp_path, streams):
    (tmp_path / "empty.txt").write_text("")
    command([STORY, tmp_path / "empty.txt"], detector=Uniform(), streams=streams)
    shown = streams.output.getvalue()
    assert [line.split()[2:4] for line in shown.splitlines() if "empty.txt" in line] == [["not", "judged"]]
    assert "empty.txt: no other version, and too short to score: 0 words (minimum 40)" in streams.errors.getvalue()


def test_a_copy_shows_no_changes(streams):
    command([STORY], show=[FARM, FARM], streams=streams)
    assert "no changes" in streams.output.getvalue()


def test_an_empty_reference_is_an_error(tmp_path):
    (tmp_path / "empty.txt").write_text(" \n")
    with pytest.raises(InputError, match=r"empty\.txt: holds no words"):
        read_reference(tmp_path / "empty.txt")


def test_an_unknown_id_is_an_error(streams):
    with pytest.raises(InputError, match="nowhere"):
        command([STORY], show=["1-agency.txt", "nowhere"], streams=streams)


def test_score_uses_a_reference(streams):
    paths = [STORY / "2-national-daily.txt", STORY / FARM]
    assert score(paths, "jsonl", detector=FakeDetector(), streams=streams, reference=STORY / "1-agency.txt") == 0
    daily, farm = map(json.loads, streams.output.getvalue().splitlines())
    assert (daily["label"], farm["label"], next(iter(farm["pivot"]))) == ("edited", "back-translated", "fr")
    assert "comparison with" in farm["warnings"][-1]


def test_a_relation_and_its_pivot_have_each_their_own_probability():
    edge = LineageEdge("a", "b", "back-translated", "pt", 0.998)
    document = ComparedDocument("b", 0, "back-translated", {"back-translated": 0.998}, {"pt": 0.42}, True)
    printed = tree(Cluster(0, ("a", "b"), {"a": 0.97, "b": 0.0}, (edge,)), {"b": document})
    assert "b  (back-translated 99%, through Portuguese 42%)" in printed


def test_a_lineage_takes_the_probabilities_of_a_text_at_equal_priors(texts):
    """Probabilities stated for many originals are moved to equal priors where versions are compared, and only there."""

    class Confident(FakeDetector):
        prior = (0.8, 0.1, 0.1)

        def article_probabilities(self, articles):
            return np.tile(self.prior, (len(articles), 1))

    pair = [texts["1-agency.txt"], texts[FARM], "A chess club has won the county cup again. " * 9]
    found, even = compare(pair, detector=Confident()), compare(pair, probabilities=np.full((3, 3), 1 / 3))
    assert [d.probabilities for d in found.documents[:2]] == [d.probabilities for d in even.documents[:2]]
    assert found.documents[2].probabilities["original"] == pytest.approx(0.8)
    # A text without versions is doubted where it would be by itself.
    assert [d.abstained for d in (found.documents[2], even.documents[2])] == [False, True]


class Uniform(FakeDetector):
    """A detector that cannot tell; texts without words are not judged."""

    def article_probabilities(self, articles):
        """A third for each label, NaN for no words."""
        return np.array([[1 / 3 if article.n_words else np.nan] * 3 for article in articles])


def test_a_difference_in_colours_shows_the_same_words():
    a, b = Version.of("a", "The old settlement\x1b[31m closed."), Version.of("b", "The old colony closed.")
    change = Change("a", "b", "retranslation", (8, 18), (8, 14), "settlement", "colony", "meaning", "fr")
    assert "old [-settlement-]{+colony+}(retranslation fr) closed." in render_difference(a, b, [change])
    coloured = render_difference(a, b, [change], colour=True)
    assert "old \x1b[9;31msettlement\x1b[0m\x1b[32mcolony\x1b[0m\x1b[2m(retranslation fr)\x1b[0m closed." in coloured
    assert "\x1b[31m" not in coloured


@pytest.mark.parametrize(("source", "abstained"), [([0.6, 0.1], True), ([0.98, 0.01], False), ([0.5, 0.48], False)])
def test_an_original_is_doubted_where_its_own_source_may_be_missing(source, abstained):
    versions = [Version.of("a", "The council met."), Version.of("b", "The council gathered.")]
    labels = np.array([[0.6, 0.3, 0.1], [0.1, 0.8, 0.1]])
    weights = retold.load().comparison_weights
    story = Story(0, versions, labels, np.array(source), weights, is_compared=True)
    assert [d.abstained for d in story.documents] == [abstained, False]
