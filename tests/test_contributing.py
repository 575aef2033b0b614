"""The worked example of CONTRIBUTING.md works as it stands there."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
BLOCK = re.compile(r"^```(python|diff)\n# (\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
CHECK = """
import retold
from retold.detector.features import describe
from retold.signals.registry import FEATURE_GROUPS, HANDCRAFTED

assert HANDCRAFTED[-1].name == FEATURE_GROUPS[-1] == "openers"
assert describe("openers_connectives").aspect == "how sentences are linked"
# The shipped model was trained without the signal and goes on without it.
assert "openers" not in retold.load().score("However, it rained. " * 40).signals
"""


def apply_diff(text: str, diff: str) -> str:
    """Put each added line after the line that precedes it in the diff."""
    before = ""
    for line in diff.splitlines():
        if line.startswith("+"):
            assert text.count(f"\n{before}\n") == 1, f"the registry has no line {before!r}"
            text = text.replace(f"\n{before}\n", f"\n{before}\n{line[1:]}\n")
        before = line[1:]
    return text


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """A copy of the package with the example in it; the models are the checkout's own."""
    folder = tmp_path_factory.mktemp("checkout")
    shutil.copytree(ROOT / "src", folder / "src", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "models").symlink_to(ROOT / "models")
    blocks = BLOCK.findall((ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"))
    assert [kind for kind, *_ in blocks] == ["python", "python", "diff", "python"]
    for kind, name, content in blocks:
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(apply_diff(file.read_text(), content) if kind == "diff" else content, encoding="utf-8")
    return folder


def run(checkout, *arguments):
    environment = {**os.environ, "PYTHONPATH": str(checkout / "src")}
    done = subprocess.run(
        [sys.executable, *arguments], cwd=checkout, env=environment, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_example_passes_its_own_test(checkout):
    run(checkout, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/test_openers.py")


def test_everything_follows_the_registry(checkout):
    run(checkout, "-c", CHECK)


@pytest.mark.parametrize("arguments", [("check",), ("format", "--check")])
def test_the_example_keeps_to_the_rules(checkout, arguments):
    run(checkout, "-m", "ruff", *arguments, "-q", "--config", str(ROOT / "pyproject.toml"), "src", "tests")
