"""Verdicts as columns: the same types for any rows, stored as Parquet and read back, in any process."""

import json
import pickle
from pathlib import Path

import pandas as pd
import pytest

import retold
from retold.dataframes import score_frame
from retold.errors import InputError

DATA = Path(__file__).parent / "data"
FARM = (DATA / "story" / "5-content-farm.txt").read_text(encoding="utf-8")
ORIGINAL = (DATA / "story" / "1-agency.txt").read_text(encoding="utf-8")
UNJUDGEABLE = [path.read_text(encoding="utf-8") for path in sorted((DATA / "cases").glob("unjudgeable-*"))]
ROWS = {
    "farm": [FARM],
    "original": [ORIGINAL],
    "unjudgeable": UNJUDGEABLE,
    "missing": [None, float("nan"), pd.NA],
    "none": [],
}


def test_frames_keep_their_index_and_stay_as_they_were():
    frame = pd.DataFrame({"text": [FARM, "Too short.", None]}, index=[7, 8, 9])
    before = frame.copy()
    scored = retold.score_frame(frame)
    assert list(scored.index) == [7, 8, 9]
    pd.testing.assert_frame_equal(frame, before)


def test_columns_say_what_the_verdict_says():
    prior = "0.3,0.2,0.5"
    scored = score_frame(pd.DataFrame({"body": [FARM]}), text="body", prior=prior).iloc[0]
    verdict = retold.load().with_options(prior=prior).score(FARM)
    assert scored["label"] == verdict.label == "back-translated"
    assert scored["p_back_translated"] == verdict.p
    assert scored["pivot"] == verdict.top_pivot or (verdict.top_pivot is None and pd.isna(scored["pivot"]))
    assert scored["signal_terms"] == verdict.signals["terms"]
    assert json.loads(scored["evidence"]) == verdict.as_dict()["evidence"]
    assert scored["signature"] == verdict.signature


def test_what_was_not_judged_is_missing():
    scored = score_frame(pd.DataFrame({"text": [*UNJUDGEABLE, None]}))
    missing = [c for c in scored.columns if c in ("label", "pivot") or c.startswith(("p_", "signal_"))]
    assert scored[missing].isna().all(axis=None)
    assert scored["abstained"].all()
    assert scored["warnings"].str.contains("scored?").all()


@pytest.mark.parametrize("texts", ROWS.values(), ids=ROWS.keys())
@pytest.mark.parametrize("evidence", ["json", None])
def test_any_rows_are_stored_as_parquet_and_read_back(texts, evidence, tmp_path):
    pytest.importorskip("pyarrow")
    scored = score_frame(pd.DataFrame({"text": texts}, dtype=object), evidence=evidence)
    scored.to_parquet(tmp_path / "scored.parquet")
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "scored.parquet"), scored)
    expected = score_frame(pd.DataFrame({"text": [FARM]}), evidence=evidence).dtypes
    pd.testing.assert_series_equal(scored.dtypes, expected)


def test_evidence_can_be_objects_or_left_out():
    frame = pd.DataFrame({"text": [FARM, ORIGINAL]})
    objects, without = score_frame(frame, evidence="objects"), score_frame(frame, evidence=None)
    assert objects["evidence"][0] == retold.load().score(FARM).as_dict()["evidence"]
    pd.testing.assert_frame_equal(objects.drop(columns="evidence"), without)


def test_options_reach_the_detector():
    frame = pd.DataFrame({"text": [ORIGINAL]})
    suspicious = score_frame(frame, prior="0.05,0.05,0.9", operating_point="low-fpr")
    assert suspicious["p_back_translated"][0] > score_frame(frame)["p_back_translated"][0]
    assert "point:low-fpr" in suspicious["signature"][0]


def test_the_function_is_picklable():
    assert pickle.loads(pickle.dumps(score_frame)) is score_frame  # noqa: S301  our own bytes


@pytest.mark.parametrize(
    ("arguments", "message"),
    [({"text": "body"}, "no column 'body'.* the frame has text"), ({"evidence": "xml"}, "choose json")],
)
def test_what_cannot_be_done_is_refused(arguments, message):
    with pytest.raises(InputError, match=message):
        score_frame(pd.DataFrame({"text": []}), **arguments)


def test_a_list_is_no_frame():
    with pytest.raises(InputError, match="expected a DataFrame with a column 'text', got of type list"):
        score_frame(["A text."])
