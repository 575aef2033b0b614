"""Every notebook runs from top to bottom, quietly, and shows what its cells promise; all are kept with their outputs.

``python tests/test_notebooks.py`` runs them and writes the outputs, after a change of a notebook or of the model.
"""

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
# Seconds for one cell, on a machine that others use, too.
TIMEOUT = 600
# Characters: a code host shows no notebook of more than a few megabytes.
MAX_SIZE = 1_500_000
# Lines of code in a cell: no step takes more than a screen.
MAX_LINES = 25


def tagged(notebook: nbformat.NotebookNode, tag: str) -> list[nbformat.NotebookNode]:
    return [cell for cell in notebook.cells if tag in cell.metadata.get("tags", [])]


def shown(cell: nbformat.NotebookNode, kind: str) -> str:
    """What a cell shows of one MIME type, joined; fails if there is nothing."""
    found = [output.data[kind] for output in cell.outputs if kind in output.get("data", {})]
    assert found, f"cell {cell.id} shows no {kind}"
    return "".join(found)


def execute(path: Path) -> nbformat.NotebookNode:
    """Run a notebook in its folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYDEVD_DISABLE_FILE_VALIDATION", "1")
        patch.setenv("OMP_NUM_THREADS", "1")
        patch.delenv("MPLBACKEND", raising=False)
        notebook = nbformat.read(path, as_version=4)
        place = {"metadata": {"path": str(path.parent)}}
        NotebookClient(notebook, timeout=TIMEOUT, kernel_name="python3", resources=place).execute()
    return notebook


@pytest.fixture(scope="module", params=NOTEBOOKS, ids=lambda path: path.stem)
def executed(request):
    return execute(request.param)


def test_there_are_notebooks():
    assert [path.stem for path in NOTEBOOKS] == ["explore", "label_and_retrain", "taken", "versions", "why"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebooks_are_kept_with_outputs_and_short_steps(path):
    text = path.read_text(encoding="utf-8")
    assert len(text) < MAX_SIZE
    assert "Traceback" not in text
    notebook = nbformat.reads(text, as_version=4)
    nbformat.validate(notebook)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for number, cell in enumerate(cells, 1):
        assert cell.execution_count == number, f"cell {cell.id} was not run in order; run: python {__file__}"
        assert cell.outputs or not cell.metadata.get("tags"), f"cell {cell.id} shows nothing"
        assert len(cell.source.splitlines()) <= MAX_LINES, f"cell {cell.id} is longer than a step"


def test_nothing_is_said_on_the_side(executed):
    said = [output.text for cell in executed.cells for output in cell.get("outputs", []) if "text" in output]
    assert said == []


def test_figures_are_drawn(executed):
    for cell in tagged(executed, "figure"):
        picture = matplotlib.image.imread(io.BytesIO(base64.b64decode(shown(cell, "image/png"))))
        assert picture.shape[1] > 400
        assert picture[..., :3].std() > 0.05, f"the figure of cell {cell.id} is all but blank"


def test_tables_have_rows(executed):
    tables = tagged(executed, "table")
    assert tables
    for cell in tables:
        rows = shown(cell, "text/html").partition("<tbody>")[2]
        assert "<td>" in rows, f"the table of cell {cell.id} is empty"
        assert "<td>NaN</td>" not in rows, f"the table of cell {cell.id} has holes"


def test_evidence_is_shown(executed):
    for cell in tagged(executed, "evidence"):
        page = html.unescape(shown(cell, "text/html"))
        assert 'class="m"' in page or "<li><code>" in page, f"cell {cell.id} shows no evidence"


def test_a_comparison_draws_its_lineage(executed):
    for cell in tagged(executed, "comparison"):
        assert "<svg" in shown(cell, "text/html")


def write(path: Path) -> None:
    """Run a notebook and keep its outputs, without times that change with every run."""
    notebook = execute(path)
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
    nbformat.write(notebook, path)


if __name__ == "__main__":
    for notebook in NOTEBOOKS:
        write(notebook)
