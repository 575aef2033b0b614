"""A document that takes too long has no label; the others have theirs."""

import json
import signal
import threading
import time
from contextlib import suppress

import numpy as np
import pytest
from fakes import ARTICLE

import retold
from retold.cli.main import main
from retold.detector import detector as module
from retold.detector.time_limit import TookTooLongError, limited
from retold.errors import InputError
from retold.text import analyse

ENDLESS = "Endless. " + ARTICLE


def spin(seconds=60.0):
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass


@pytest.fixture
def spinning(monkeypatch):
    """A detector that never comes to an end with one text."""

    def analysed(texts):
        if ENDLESS in texts:
            spin()
        return [analyse(text) for text in texts]

    # What is loaded at the first text takes longer than a text may.
    retold.load().score(ARTICLE)
    monkeypatch.setattr(module, "_analysed", analysed)
    return retold.load().with_options(time_limit=0.5)


def test_a_text_that_takes_too_long_costs_only_its_own_verdict(spinning):
    first, second, third = spinning.score_many([ARTICLE, ENDLESS, ARTICLE], ["a", "b", "c"])
    assert (second.label, second.probabilities, second.abstained) == (None, None, True)
    assert second.warnings == ("took too long: more than 0.5 seconds of the processor",)
    assert (first.id, second.id, third.id, second.signature) == ("a", "b", "c", first.signature)
    assert first.is_judged
    assert first.probabilities == third.probabilities == retold.load().score(ARTICLE).probabilities


def test_its_probabilities_are_unknown(spinning):
    found = spinning.predict_proba([ARTICLE, ENDLESS])
    assert np.isnan(found).tolist() == [[False] * 3, [True] * 3]


def test_the_command_says_so(spinning, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("retold.cli.score.load_detector", lambda *options: spinning)
    (tmp_path / "a.jsonl").write_text(json.dumps({"id": "e", "text": ENDLESS}))
    assert main(["score", str(tmp_path / "a.jsonl"), "--format", "jsonl"]) == 1
    captured = capsys.readouterr()
    assert json.loads(captured.out)["label"] is None
    assert "e: not judged: took too long" in captured.err


def test_an_error_that_was_swallowed_comes_again():
    def swallow():
        with suppress(TookTooLongError):
            spin()
        spin()

    with pytest.raises(TookTooLongError), limited(0.05):
        swallow()


def test_what_was_there_before_is_there_again():
    with limited(5):
        pass
    assert signal.getitimer(signal.ITIMER_PROF) == (0, 0)
    assert signal.getsignal(signal.SIGPROF) == signal.SIG_DFL


def test_other_threads_have_no_limit():
    found = []

    def work():
        with limited(0.01):
            spin(0.05)
        found.append(1)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert found == [1]


@pytest.mark.parametrize("seconds", [0, -1, float("nan")])
def test_no_time_is_refused(seconds):
    with pytest.raises(InputError, match="more than 0"):
        retold.load().with_options(time_limit=seconds)
