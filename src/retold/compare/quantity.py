"""A quantity: a number with its unit, at its place in a text."""

from __future__ import annotations

from dataclasses import dataclass

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with its unit over the tokens ``first`` to ``last``, end exclusive.

    Attributes:
        first, last: The tokens.
        value: Its value in ``unit``.
        unit: Such as "km", "USD", "percent", "rank", "times", "weekday", "month"; empty for a bare number.
        dimension: What it can be converted within, such as "length"; empty for a bare number.
        written: As it is written, for what has no value: an identifier.
        bare: The tokens of the number without its unit.
    """

    first: int
    last: int
    value: float
    unit: str = ""
    dimension: str = ""
    written: str = ""
    bare: tuple[int, int] | None = None

    @property
    def number(self) -> tuple[int, int]:
        """The tokens of the number without its unit; all if they cannot be told apart."""
        return self.bare or (self.first, self.last)

    @property
    def is_date(self) -> bool:
        """True for days, months, "last year" and lengths of time."""
        return self.dimension in ("weekday", "month", "relative", "duration")
