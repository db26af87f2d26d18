"""Runs a piece of work long enough for its seconds and joules to be known: a warm-up, then windows.

A window repeats the work for some seconds and has a mean of its own. Windows follow until the standard error of their mean
is small, or time is up. The result is the median of the windows: a neighbour that disturbs one of them does not move it. On a
machine that others keep busy, the fastest window is the better one, since they only add time.
"""

from __future__ import annotations

import dataclasses
import statistics
import time
from typing import Any, Callable, Dict, List, Optional

from irene.measure.errors import Refusal
from irene.measure.machine import Loads
from irene.measure.meters import Meter

#: Fewer have no standard error to speak of.
LEAST_WINDOWS = 3
TAKES = ("median", "fastest")


@dataclasses.dataclass(frozen=True)
class Settings:
    """How long is measured."""

    seconds: float = 1.0  #: of a window, at least
    max_seconds: float = 10.0  #: of all windows of a piece of work; the one that passes it is the last
    error: float = 0.01  #: the standard error, as a part of the mean, at which enough windows were measured
    warm_up: float = 0.25  #: seconds in front of the windows
    take: str = "median"  #: of the windows, or "fastest": seconds and joules of the fastest one

    def check(self) -> None:
        """Refusal where the settings contradict each other."""
        if not 0 < self.seconds <= self.max_seconds:
            raise Refusal(
                f"--max_seconds {self.max_seconds:g} is less than the window of --seconds {self.seconds:g}"
                if self.seconds > 0
                else f"--seconds: expected a number above 0, found {self.seconds:g}"
            )
        if not 0 < self.error < 1:
            raise Refusal(f"--error: expected a part between 0 and 1, found {self.error:g}")
        if self.take not in TAKES:
            raise Refusal(f"--take: expected {' or '.join(TAKES)}, found {self.take}")


@dataclasses.dataclass(frozen=True)
class Measurement:
    """Of one repetition of the work."""

    seconds: float
    joules: float
    seconds_error: Optional[float]  #: the standard error, as a part of the mean; None of a single window
    joules_error: Optional[float]
    windows: int
    repetitions: int  #: in all windows
    loads: Dict[str, float]  #: of processor, memory and GPU, at the end

    def to_dict(self) -> Dict[str, Any]:
        """Seconds, joules and how sure they are, for the record."""
        record = dataclasses.asdict(self)
        del record["loads"]
        return record


def standard_error(values: List[float]) -> Optional[float]:
    """Of the mean of these, as a part of it; None of a single one. 0 where all are 0."""
    if len(values) < 2:
        return None
    mean = statistics.fmean(values)
    spread = statistics.stdev(values) / len(values) ** 0.5
    return spread / mean if mean else 0.0


def measure(
    work: Callable[[], Any], meter: Meter, settings: Settings, synchronize: Callable[[], None] = lambda: None
) -> Measurement:
    """Runs `work` again and again. `synchronize` waits for what the device has still to do.

    Refusal where the meter fails.
    """
    each = _warm_up(work, synchronize, settings.warm_up)
    # Calls between two looks at the clock: the device is kept busy, and the window ends soon after its time.
    batch = max(1, min(2000, int(0.02 / each)))
    length = max(settings.seconds, meter.least_seconds)
    seconds: List[float] = []
    joules: List[float] = []
    repetitions = 0
    loads = Loads()
    first = time.perf_counter()
    while True:
        count = 0
        meter.start()
        begin = time.perf_counter()
        while count == 0 or time.perf_counter() - begin < length:
            for _ in range(batch):
                work()
            count += batch
            synchronize()
        spent, energy = time.perf_counter() - begin, meter.stop()
        seconds.append(spent / count)
        joules.append(energy / count)
        repetitions += count
        errors = standard_error(seconds), standard_error(joules)
        known = [error for error in errors if error is not None]
        if len(seconds) >= LEAST_WINDOWS and max(known) < settings.error:
            break
        if time.perf_counter() - first >= settings.max_seconds:
            break
    fastest = seconds.index(min(seconds))
    take_fastest = settings.take == "fastest"
    return Measurement(
        seconds=seconds[fastest] if take_fastest else statistics.median(seconds),
        joules=joules[fastest] if take_fastest else statistics.median(joules),
        seconds_error=errors[0],
        joules_error=errors[1],
        windows=len(seconds),
        repetitions=repetitions,
        loads={**loads.since(), **meter.loads()},
    )


def _warm_up(work: Callable[[], Any], synchronize: Callable[[], None], seconds: float) -> float:
    """Runs the work once, which may compile and allocate, then for some seconds: how many one call takes."""
    work()
    synchronize()
    begin = time.perf_counter()
    count = 0
    while count == 0 or time.perf_counter() - begin < seconds:
        work()
        synchronize()
        count += 1
    return max((time.perf_counter() - begin) / count, 1e-7)


def idle_watts(meter: Meter, settings: Settings) -> float:
    """The power of a device that has nothing to do, over one window."""
    meter.start()
    begin = time.perf_counter()
    time.sleep(max(settings.seconds, meter.least_seconds))
    return meter.stop() / (time.perf_counter() - begin)
