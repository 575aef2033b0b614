"""JSON from a file that anyone may have made."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from retold.errors import ModelError


def parse_json(text: str, name: str) -> Any:
    """Parse JSON without NaN and Infinity, which the standard does not know.

    Raises:
        ModelError: naming the file, if it is not valid or nested too deeply.
    """
    try:
        return json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        reason = "nested too deeply" if isinstance(error, RecursionError) else error
        raise ModelError(f"{name}: not valid JSON ({reason}); get the model anew") from None


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no number")
