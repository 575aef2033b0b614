"""Measure what an installation takes on the disk: ``python benchmarks/installation_size.py [--extra NAME...]``.

Prints megabytes of this package and of each one that it requires, directly or not, as installed beside the interpreter that runs
this, and which of them scoring a text loads. Without ``--extra``, that is the core installation.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Iterable, Sequence
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

# Megabytes that the core installation should stay under.
_GOAL = 350
_ROOT = "retold"
_LOADED = "import sys, retold; retold.load().score('word ' * 50); print(*{name.split('.')[0] for name in sys.modules})"


def required(root: str, extras: Iterable[str]) -> list[str]:
    """Names of a package and of all that it requires with these extras, sorted."""
    found: dict[str, set[str]] = {}
    waiting = [(canonicalize_name(root), set(extras))]
    while waiting:
        name, wanted = waiting.pop()
        if name in found and wanted <= found[name]:
            continue
        found[name] = found.get(name, set()) | wanted
        for line in metadata.requires(name) or []:
            requirement = Requirement(line)
            environments = [{"extra": extra} for extra in found[name]] or [{"extra": ""}]
            if requirement.marker is None or any(requirement.marker.evaluate(one) for one in environments):
                waiting.append((canonicalize_name(requirement.name), requirement.extras))
    return sorted(found)


def megabytes(name: str, with_bytecode: bool = False) -> float:
    """What a package's files take, compiled ones apart; of this one, if it is installed from a checkout, those of its wheel."""
    files = [Path(str(file.locate())) for file in metadata.files(name) or []]
    if name == _ROOT and not any("models" in file.parts for file in files):
        root = Path(__file__).parents[1]
        files = [file for folder in (root / "src", root / "models") for file in folder.rglob("*")]
    return (
        sum(file.stat().st_size for file in files if file.is_file() and (with_bytecode or file.suffix != ".pyc")) / 1e6
    )


def loaded() -> set[str]:
    """Top-level modules that scoring one text loads, in a process of its own."""
    ended = subprocess.run([sys.executable, "-c", _LOADED], check=True, capture_output=True, text=True)
    return set(ended.stdout.split())


def modules(name: str) -> set[str]:
    """Top-level modules of a package."""
    return {file.parts[0].removesuffix(".py") for file in metadata.files(name) or [] if file.suffix in (".py", ".so")}


def main(argv: Sequence[str] | None = None) -> None:
    """Print the sizes, largest first."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--extra", nargs="*", default=[], help="extras to count, such as deep")
    options = parser.parse_args(argv)
    sizes, used = {name: megabytes(name) for name in required(_ROOT, options.extra)}, loaded()
    for name, size in sorted(sizes.items(), key=lambda item: -item[1]):
        note = "" if name == _ROOT or modules(name) & used else "  not loaded by scoring"
        print(f"{size:8.1f} MB  {name} {metadata.version(name)}{note}")
    compiled = sum(megabytes(name, with_bytecode=True) for name in sizes)
    print(f"{compiled:8.1f} MB  with the bytecode that pip compiles")
    print(f"{sum(sizes.values()):8.1f} MB  in {len(sizes)} packages (goal for the core: {_GOAL} MB)")


if __name__ == "__main__":
    main()
