"""A bar on a terminal, by tqdm where it is there; elsewhere nothing."""

from __future__ import annotations

import importlib
import sys
from typing import Any, Iterator, List


def bar(items: List[Any], words: str = "measuring") -> Iterator[Any]:
    """The items one by one, with a bar that shows how many are done."""
    if not sys.stderr.isatty():
        return iter(items)
    try:
        tqdm = importlib.import_module("tqdm").tqdm
    except ImportError:
        return _counted(items, words)
    return iter(tqdm(items, desc=words, leave=False, file=sys.stderr))


def _counted(items: List[Any], words: str) -> Iterator[Any]:
    for number, item in enumerate(items, 1):
        sys.stderr.write(f"\r{words} {number}/{len(items)} ")
        sys.stderr.flush()
        yield item
    sys.stderr.write("\r\x1b[K")
