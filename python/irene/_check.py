"""Arguments of the wrong kind are refused in a line, by their names."""

from __future__ import annotations

from typing import Iterable, Optional, Sequence

from ._errors import Error


def whole(name: str, value: object, least: int, most: int) -> int:
    """A whole number from ``least`` to ``most``."""
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        raise Error(f"{name}: expected a whole number from {least} to {most}, found {value!r}", "usage")
    number: int = value.__index__()
    if not least <= number <= most:
        raise Error(f"{name}: expected a whole number from {least} to {most}, found {number}", "usage")
    return number


def text(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise Error(f"{name}: expected a text, found {value!r}", "usage")
    return value


def text_or_none(name: str, value: object) -> Optional[str]:
    return None if value is None else text(name, value)


def texts(name: str, value: object) -> Sequence[str]:
    """A list of texts, or one with commas between."""
    if isinstance(value, str):
        return value.split(",")
    if not isinstance(value, Iterable):
        raise Error(f"{name}: expected a list of texts, found {value!r}", "usage")
    return [text(name, one) for one in value]


def probability(name: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0.0 < value < 1.0:
        raise Error(f"{name}: expected a number above 0 and below 1, found {value!r}", "usage")
    return float(value)
