"""The frame of every HTML report: one file that makes no request, whose only script and style are those it was made with."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from importlib.resources import files

from retold.printable import printable

_ASSETS = files("retold.report") / "assets"


def page(title: str, body: Iterable[str], assets: Sequence[str]) -> Iterator[str]:
    """Yield a page piece by piece.

    A content security policy lets the browser run and apply nothing but the script and the style whose digests it holds, so
    that text that slipped through the escaping still could not run.

    Args:
        title: Its title, as text.
        body: The HTML between ``<body>`` and ``</body>``.
        assets: Names of files in ``report/assets``: ``.css`` and ``.js``, joined in order.
    """
    style, script = (_joined(assets, suffix) for suffix in (".css", ".js"))
    policy = (
        f"default-src 'none'; script-src '{_digest(script)}'; style-src '{_digest(style)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    yield (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{text(title)}</title>\n<style>{style}</style>\n</head>\n<body>\n"
    )
    yield from body
    yield f"<script>{script}</script>\n</body>\n</html>\n"


def asset(name: str) -> str:
    """The text of a file in ``report/assets``."""
    return (_ASSETS / name).read_text(encoding="utf-8")


def text(value: str) -> str:
    """Text on one line, safe between tags and in a quoted attribute."""
    return escape(printable(value))


def facts(pairs: Iterable[tuple[str, str]]) -> str:
    """A list of names and values, both text; names without a value are left out."""
    items = "".join(f"<dt>{text(name)}</dt><dd>{text(value)}</dd>" for name, value in pairs if value)
    return f'<dl class="facts">{items}</dl>\n' if items else ""


def bullets(items: Iterable[str], css_class: str) -> str:
    """A list of texts; nothing if there are none."""
    found = "".join(f"<li>{text(item)}</li>" for item in items)
    return f'<ul class="{css_class}">{found}</ul>\n' if found else ""


def _joined(assets: Sequence[str], suffix: str) -> str:
    return "".join(asset(name) for name in assets if name.endswith(suffix))


def _digest(content: str) -> str:
    return "sha256-" + b64encode(hashlib.sha256(content.encode()).digest()).decode()
