"""What ``import retold`` offers: all of it is listed, nothing is loaded before it is used, types are there for checkers."""

import inspect
import subprocess
import sys
from pathlib import Path

import pytest

import retold
from retold.compare import api

NAMES = {
    "Archive", "Detector", "Evidence", "RetoldClassifier", "TextFeatures", "Verdict", "compare", "evaluate", "label", "load", "plot",
    "score_frame", "trace_frame", "train",
}  # fmt: skip


def run(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.strip()


def test_everything_is_listed():
    assert set(dir(retold)) >= NAMES
    assert set(retold.__all__) - {"__version__"} == NAMES
    assert not {"Any", "TYPE_CHECKING", "import_module", "annotations"} & set(dir(retold))


@pytest.mark.parametrize("name", sorted(NAMES))
def test_everything_has_a_docstring(name):
    assert inspect.getdoc(getattr(retold, name))


def test_nothing_is_loaded_before_it_is_used():
    assert run("import retold, sys; dir(retold); print({'numpy', 'pandas', 'sklearn'} & set(sys.modules))") == "set()"


def test_scoring_loads_neither_pandas_nor_scikit_learn():
    code = "import retold, sys; retold.load().score('text'); print({'pandas', 'sklearn'} & set(sys.modules))"
    assert run(code) == "set()"


@pytest.mark.parametrize("first", ["", "import retold.compare; ", "import retold.compare.api; "])
def test_compare_is_a_package_that_can_be_called(first):
    assert run(f"{first}import retold; print(len(retold.compare(['a b', 'c d']).documents))") == "2"
    assert inspect.signature(retold.compare.__call__) == inspect.signature(api.compare)


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="module 'retold' has no attribute 'nothing'"):
        retold.nothing  # noqa: B018


def test_types_are_there():
    assert (Path(retold.__file__).parent / "py.typed").is_file()
