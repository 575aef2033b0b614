"""The article that a page gives to search engines, for pages that show it by a script only: schema.org's articleBody in JSON-LD."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final

_JSON_LD: Final = re.compile(
    r"<script\b[^<>]{0,400}\bapplication/ld\+json\b[^<>]{0,400}>(.*?)(?:</script\s*>|\Z)", re.DOTALL | re.IGNORECASE
)
# Scripts of a page that are read; real pages have a handful.
_MAX_SCRIPTS: Final = 20


def article_body(markup: str) -> str:
    """The longest articleBody of a page's JSON-LD, which may hold markup; empty if there is none."""
    if "articleBody" not in markup:
        return ""
    scripts = [match[1] for match, _ in zip(_JSON_LD.finditer(markup), range(_MAX_SCRIPTS), strict=False)]
    bodies = [body for script in scripts if "articleBody" in script for body in _bodies(script)]
    return max(bodies, key=len, default="")


def _bodies(script: str) -> Iterator[str]:
    try:
        # Many pages have line breaks inside strings.
        waiting: list[Any] = [json.loads(script, strict=False)]
    except (ValueError, RecursionError):
        return
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            if isinstance(body := value.get("articleBody"), str):
                yield body
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value
