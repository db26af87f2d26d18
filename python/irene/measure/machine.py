"""The machine at hand: what it is, and how busy."""

from __future__ import annotations

import datetime
import importlib
import os
import pathlib
import platform
from typing import Any, Dict, Optional, Tuple


def describe() -> Dict[str, Any]:
    """Versions, processor and system, for the record."""
    record: Dict[str, Any] = {
        "date": datetime.date.today().isoformat(),
        "python": platform.python_version(),
        "system": platform.platform(),
        "processor": _processor(),
        "cores": os.cpu_count(),
    }
    for name in ("irene", "torch", "transformers"):
        version = _version(name)
        if version:
            record[name] = version
    return record


def _version(package: str) -> Optional[str]:
    try:
        return str(getattr(importlib.import_module(package), "__version__", "")) or None
    except ImportError:
        return None


def _processor() -> str:
    try:
        for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor()


class Loads:
    """How busy processor and memory are, in percent, as the datasets' `cpu` and `mem`."""

    def __init__(self) -> None:
        self._begin = _busy_and_all()

    def since(self) -> Dict[str, float]:
        """Since this was made; what the system does not tell is left out."""
        loads = {}
        end = _busy_and_all()
        if self._begin and end and end[1] > self._begin[1]:
            loads["cpu"] = 100 * (end[0] - self._begin[0]) / (end[1] - self._begin[1])
        used = _memory_used()
        if used is not None:
            loads["mem"] = 100 * used
        return loads


def _busy_and_all() -> Optional[Tuple[int, int]]:
    """Ticks of all processors: busy ones, and all."""
    try:
        ticks = [int(word) for word in pathlib.Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
    except (OSError, ValueError, IndexError):
        return None
    return sum(ticks) - ticks[3] - ticks[4], sum(ticks)


def _memory_used() -> Optional[float]:
    try:
        lines = pathlib.Path("/proc/meminfo").read_text().splitlines()
        amounts = {line.split(":")[0]: int(line.split()[1]) for line in lines}
        return 1 - amounts["MemAvailable"] / amounts["MemTotal"]
    except (OSError, ValueError, KeyError, IndexError, ZeroDivisionError):
        return None
