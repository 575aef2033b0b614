"""Data flows one way: a room imports only rooms below it, and no two modules import each other in a circle."""

import ast
import re
from fnmatch import fnmatch
from pathlib import Path

import retold
from retold.model_store import bundled_model

PACKAGE = Path(retold.__file__).parent
ARCHITECTURE = (Path(__file__).parents[1] / "docs" / "ARCHITECTURE.md").read_text(encoding="utf-8")
# The lines of the page's first block, from the top; what a line says of its rooms begins in this column.
COLUMN = 28
LINES = [line[:COLUMN].split() for line in ARCHITECTURE.split("```")[1].strip().splitlines()]
HEIGHT = {room: -place for place, rooms in enumerate(LINES) for room in rooms} | {"__main__": 1}
# Doors that users expect on an object, opened at their first use: ``detector.compare``, ``detector.trace``, and a comparison's view
# in a notebook.
DOORS = {("detector", "compare"), ("detector", "archive"), ("compare", "report")}


def imports():
    """Yield (importing module, imported module) of every import in the package, those in functions included."""
    for file in sorted(PACKAGE.rglob("*.py")):
        module = file.relative_to(PACKAGE).with_suffix("").as_posix().replace("/", ".").removesuffix(".__init__")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("retold."):
                room = node.module.removeprefix("retold.")
                for name in node.names:
                    inside = PACKAGE / room.replace(".", "/") / f"{name.name}.py"
                    yield module, f"{room}.{name.name}" if inside.exists() else room


def test_the_page_names_each_room():
    # An installation has the model in the package's folder, too, which is no room.
    inside = {
        path.stem for path in PACKAGE.iterdir() if path.suffix == ".py" or (path.is_dir() and any(path.iterdir()))
    }
    assert inside - {"__init__", "__pycache__", "models"} == set(HEIGHT)


def test_the_page_says_what_makes_each_file_of_a_model():
    patterns = re.findall(r"`([\w.*]+)`", "".join(re.findall(r"^\| (`.+?) \|", ARCHITECTURE, re.M)))
    files = [file.name for file in bundled_model().iterdir() if file.name not in ("manifest.json", "CARD.md")]
    assert [name for name in files if not any(fnmatch(name, f"{pattern}*") for pattern in patterns)] == []


def test_no_arrow_runs_up():
    rooms = {(a.split(".")[0], b.split(".")[0]) for a, b in imports() if a != "__init__"}
    up = sorted((a, b) for a, b in rooms - DOORS if a != b and HEIGHT[a] <= HEIGHT[b])
    assert up == []


def test_no_modules_import_each_other_in_a_circle():
    below = {}
    for module, imported in imports():
        if (module.split(".")[0], imported.split(".")[0]) not in DOORS:
            below.setdefault(module, set()).add(imported)
    reached = {module: set(imported) for module, imported in below.items()}
    for middle in sorted(below):
        for module in reached:
            if middle in reached[module]:
                reached[module] |= reached[middle]
    assert [module for module in sorted(reached) if module in reached[module]] == []
