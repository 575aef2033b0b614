"""Every notebook runs from top to bottom, quietly, and shows what its cells promise; none is kept with outputs."""

from __future__ import annotations

import base64
import html
import io
from pathlib import Path

import matplotlib.image
import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))
# Seconds for one cell.
TIMEOUT = 120


def tagged(notebook: nbformat.NotebookNode, tag: str) -> list[nbformat.NotebookNode]:
    return [cell for cell in notebook.cells if tag in cell.metadata.get("tags", [])]


def shown(cell: nbformat.NotebookNode, kind: str) -> str:
    """What a cell shows of one MIME type, joined; fails if there is nothing."""
    found = [output.data[kind] for output in cell.outputs if kind in output.get("data", {})]
    assert found, f"cell {cell.id} shows no {kind}"
    return "".join(found)


@pytest.fixture(scope="module", params=NOTEBOOKS, ids=lambda path: path.stem)
def executed(request):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYDEVD_DISABLE_FILE_VALIDATION", "1")
        patch.setenv("OMP_NUM_THREADS", "1")
        patch.delenv("MPLBACKEND", raising=False)
        notebook = nbformat.read(request.param, as_version=4)
        place = {"metadata": {"path": str(request.param.parent)}}
        NotebookClient(notebook, timeout=TIMEOUT, kernel_name="python3", resources=place).execute()
    return notebook


def test_there_are_notebooks():
    assert NOTEBOOKS


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebooks_are_kept_without_outputs(path):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    for cell in notebook.cells:
        assert not cell.get("outputs"), f"cell {cell.id} has outputs; clear them before you commit"
        assert cell.get("execution_count") is None, f"cell {cell.id} has a number; clear it before you commit"


def test_nothing_is_said_on_the_side(executed):
    said = [output.text for cell in executed.cells for output in cell.get("outputs", []) if "text" in output]
    assert said == []


def test_figures_are_drawn(executed):
    figures = tagged(executed, "figure")
    assert figures
    for cell in figures:
        picture = matplotlib.image.imread(io.BytesIO(base64.b64decode(shown(cell, "image/png"))))
        assert picture.shape[1] > 600
        assert picture[..., :3].std() > 0.05, f"the figure of cell {cell.id} is all but blank"


def test_tables_have_rows(executed):
    tables = tagged(executed, "table")
    assert tables
    for cell in tables:
        rows = shown(cell, "text/html").partition("<tbody>")[2]
        assert "<td>" in rows, f"the table of cell {cell.id} is empty"
        assert "<td>NaN</td>" not in rows, f"the table of cell {cell.id} has holes"


def test_evidence_is_shown(executed):
    cells = tagged(executed, "evidence")
    assert cells
    for cell in cells:
        page = html.unescape(shown(cell, "text/html"))
        assert 'class="m"' in page or "<li><code>" in page, f"cell {cell.id} shows no evidence"
