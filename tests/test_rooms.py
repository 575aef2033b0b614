"""Data flows one way: a room imports only rooms below it, and no two modules import each other in a circle."""

import ast
from pathlib import Path

import retold

PACKAGE = Path(retold.__file__).parent
# From the lowest room up, as docs/ARCHITECTURE.md draws them; rooms on one line do not import each other.
FLOORS = (
    ("errors", "limits", "language_names", "printable", "cache_folder", "drafts", "workers", "data"),
    ("text",),
    ("reading",),
    ("language_model",),
    ("alignment",),
    ("channel",),
    ("model_store", "translation"),
    ("signals",),
    ("detector",),
    ("compare",),
    ("archive",),
    ("report", "dataframes"),
    ("training",),
    ("monitoring", "plot"),
    ("cli",),
    ("__main__",),
)
HEIGHT = {room: height for height, rooms in enumerate(FLOORS) for room in rooms}
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
