"""Fixtures that several test files share."""

import io
import os

import pytest
from fakes import ARTICLE

from retold.cli.terminal import Streams


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory):
    """Keep what the tests cache out of the user's cache folder."""
    os.environ["RETOLD_CACHE"] = str(tmp_path_factory.mktemp("cache"))


@pytest.fixture
def streams():
    """Streams of a command that read nothing and keep what is written."""
    return Streams(io.BytesIO(), io.StringIO(), io.StringIO())


@pytest.fixture
def article(tmp_path):
    """A file with an article of 104 words that ``FakeDetector`` calls back-translated."""
    path = tmp_path / "article.txt"
    path.write_text(f"The colony was built. {ARTICLE}")
    return path
