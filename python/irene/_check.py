"""Arguments of the wrong kind are refused in a line, by their names."""

from __future__ import annotations

import os
from typing import Any, Iterable, Optional, Sequence

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
    try:
        value.encode()
    except UnicodeEncodeError:
        raise Error(f"{name}: expected a text, found one with a lone surrogate, {value!a}", "usage") from None
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


def flag(name: str, value: object) -> bool:
    """True or False, also numpy's."""
    if not isinstance(value, bool) and type(value).__name__ not in ("bool", "bool_"):
        raise Error(f"{name}: expected True or False, found {value!r}", "usage")
    return bool(value)


def path(name: str, value: object) -> str:
    """A path. A line of JSON in its place is a slip, and too long to be repeated."""
    found = os.fspath(value) if isinstance(value, (str, os.PathLike)) else None
    if not isinstance(found, str):
        raise Error(f"{name}: expected a path, found one of {type(value).__name__}", "usage")
    if isinstance(value, str) and value.lstrip().startswith("{"):
        raise Error(f"{name}: expected a path, found a text that begins with '{{', as a line of JSON does", "usage")
    if "\0" in found:
        raise Error(f"{name}: expected a path, found one with a zero byte", "usage")
    return found


def path_bytes(name: str, value: object) -> bytes:
    """A path as the system has it, whose bytes need be no text."""
    return os.fsencode(path(name, value))


def _number(value: object) -> Any:
    """What json cannot write: the numbers of other packages, such as numpy, become Python's."""
    for convert in ("item", "__index__"):
        if hasattr(value, convert):
            number = getattr(value, convert)()
            if isinstance(number, (int, float)):
                return number
    raise TypeError(f"it holds one of {type(value).__name__}")


def _number_or_text(value: object) -> Any:
    try:
        return _number(value)
    except (TypeError, ValueError):
        return str(value)


def json_text(what: str, value: object, kind: str, *, lenient: bool = False) -> str:
    """A dict as JSON; where ``lenient``, objects become texts, such as a ``torch.dtype``."""
    import json

    try:
        return json.dumps(value, default=_number_or_text if lenient else _number, allow_nan=False)
    except RecursionError:
        raise Error(f"{what} cannot be written as JSON: it is nested too deep", kind) from None
    except (TypeError, ValueError) as error:
        raise Error(f"{what} cannot be written as JSON: {error}", kind) from None
