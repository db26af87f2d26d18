"""Meters: each tells the joules between two moments.

A window of measuring begins with `start()` and ends with `stop()`, which returns its joules. Meters differ in whose joules
they tell: `joules_of` says it in words, and every measurement carries it.
"""

from __future__ import annotations

import importlib
import pathlib
import threading
import time
from typing import Any, Callable, Dict, List, Optional, Tuple

from irene.measure.errors import NO_INPUT, Refusal, reason

POWERCAP = pathlib.Path("/sys/class/powercap")


class Meter:
    """What all meters have in common."""

    name = ""
    joules_of = ""
    #: Seconds that a window lasts at least, for the steps of the meter to be small beside it.
    least_seconds = 0.0

    def start(self) -> None:
        """A window begins now."""
        raise NotImplementedError

    def stop(self) -> float:
        """It ends now: its joules. Refusal where the meter could not tell them."""
        raise NotImplementedError

    def describe(self) -> Dict[str, Any]:
        """What the device says of itself, for the record."""
        return {}

    def loads(self) -> Dict[str, float]:
        """Loads and clocks of the device just now, by the names that data files have."""
        return {}

    def close(self) -> None:
        """Ends threads that the meter has."""


class Watts(Meter):
    """A constant number of watts: no measurement, but an estimate."""

    name = "watts"

    def __init__(self, watts: float) -> None:
        self.watts = watts
        self.joules_of = f"an estimate: the measured seconds times {watts:g} W"
        self._begin = 0.0

    def start(self) -> None:
        self._begin = time.perf_counter()

    def stop(self) -> float:
        return self.watts * (time.perf_counter() - self._begin)

    def describe(self) -> Dict[str, Any]:
        return {"watts": self.watts, "is_estimate": True}


class _Zone:
    """A counter of RAPL: microjoules, that begin again at 0 behind their range."""

    def __init__(self, folder: pathlib.Path, name: str) -> None:
        self.name = name
        self._file = folder / "energy_uj"
        self._range = _read_number(folder / "max_energy_range_uj")
        self._begin = 0

    def start(self) -> None:
        self._begin = _read_number(self._file)

    def joules(self) -> float:
        gone = _read_number(self._file) - self._begin
        return (gone if gone >= 0 else gone + self._range) / 1e6


class Rapl(Meter):
    """Linux RAPL: the processor packages, and memory where it has a counter of its own."""

    name = "rapl"
    # The counters move every millisecond.
    least_seconds = 0.02

    def __init__(self, root: pathlib.Path = POWERCAP) -> None:
        """Refusal where `root` has no counter, or one that cannot be read."""
        self._zones = [_Zone(folder, name) for folder, name in _zones(root)]
        if not self._zones:
            raise Refusal(
                f"{root}: no RAPL counter 'package-N' is there: virtual machines and processors other than Intel's and "
                "AMD's have none; --watts N estimates with a constant power",
                NO_INPUT,
            )
        self.start()
        names = ", ".join(zone.name for zone in self._zones)
        self.joules_of = f"the processors' packages and memory as far as RAPL counts them ({names})"

    def start(self) -> None:
        for zone in self._zones:
            zone.start()

    def stop(self) -> float:
        return sum(zone.joules() for zone in self._zones)

    def describe(self) -> Dict[str, Any]:
        return {"zones": [zone.name for zone in self._zones]}


def _zones(root: pathlib.Path) -> List[Tuple[pathlib.Path, str]]:
    """Folders of counters that share no joule: packages, and memory, which no package has in it.

    Others lie inside these: cores and graphics in a package, packages in `psys`, `intel-rapl-mmio` beside `intel-rapl`.
    """
    found = []
    for folder in sorted(root.glob("intel-rapl:*")):
        try:
            name = (folder / "name").read_text().strip()
        except OSError:
            continue
        if name.startswith("package") or name == "dram":
            found.append((folder, name))
    return found


def _read_number(file: pathlib.Path) -> int:
    try:
        return int(file.read_text())
    except PermissionError:
        raise Refusal(
            f"{file}: may not be read; as root: chmod a+r {file.parent.parent}/intel-rapl:*/energy_uj, or --watts N for "
            "an estimate",
            NO_INPUT,
        ) from None
    except (OSError, ValueError) as error:
        raise Refusal(f"{file}: expected a whole number of microjoules: {reason(error)}", NO_INPUT) from None


class Sampler(threading.Thread):
    """Reads a value again and again, and keeps the moments: all, or those at which it changed."""

    def __init__(self, read: Callable[[], float], every: float, only_changes: bool) -> None:
        super().__init__(daemon=True, name="irene-meter")
        self._read = read
        self._every = every
        self._only_changes = only_changes
        self._samples: List[Tuple[float, float]] = []
        self._lock = threading.Lock()
        self._end = threading.Event()
        self._error: Optional[BaseException] = None
        self.start()

    def run(self) -> None:
        last: Optional[float] = None
        while not self._end.is_set():
            try:
                value = self._read()
            except Exception as error:  # whatever the driver's library raises
                self._error = error
                return
            if value != last or not self._only_changes:
                with self._lock:
                    self._samples.append((time.perf_counter(), value))
                last = value
            self._end.wait(self._every)

    def forget(self) -> None:
        """Samples so far are of no use any more."""
        with self._lock:
            self._samples.clear()

    def between(self, begin: float, end: float) -> List[Tuple[float, float]]:
        """The samples from `begin` to `end`. Refusal where reading failed."""
        if self._error is not None:
            raise Refusal(f"the GPU's meter cannot be read any more: {reason(self._error)}", NO_INPUT)
        with self._lock:
            return [sample for sample in self._samples if begin <= sample[0] <= end]

    def close(self) -> None:
        self._end.set()
        self.join()


class NvmlDevice:
    """A GPU as NVML knows it. PyTorch may number GPUs otherwise, so it is found by its UUID, or else by place and name."""

    def __init__(self, index: int = 0, uuid: Optional[str] = None, name: Optional[str] = None) -> None:
        try:
            nvml = importlib.import_module("pynvml")
        except ImportError:
            raise Refusal(
                "NVML is read through the package nvidia-ml-py, which is absent: pip install nvidia-ml-py"
            ) from None
        try:
            nvml.nvmlInit()
            if uuid:
                self.handle = nvml.nvmlDeviceGetHandleByUUID(uuid if uuid.startswith("GPU-") else "GPU-" + uuid)
            else:
                self.handle = nvml.nvmlDeviceGetHandleByIndex(index)
        except Exception as error:  # NVMLError; without a driver some versions raise others
            raise Refusal(
                f"NVML finds no such GPU: {reason(error)}; is NVIDIA's driver there (nvidia-smi)?", NO_INPUT
            ) from None
        self.nvml = nvml
        found = self._text(lambda: nvml.nvmlDeviceGetName(self.handle))
        if name and not uuid and found != name:
            raise Refusal(
                f"GPU {index} is {name} for PyTorch and {found} for NVML, which number them otherwise: set "
                "CUDA_DEVICE_ORDER=PCI_BUS_ID"
            )

    @staticmethod
    def _text(ask: Callable[[], Any]) -> Any:
        value = ask()
        return value.decode() if isinstance(value, bytes) else value

    def describe(self) -> Dict[str, Any]:
        """What the driver tells; what it does not is left out."""
        nvml, handle = self.nvml, self.handle
        questions: Dict[str, Callable[[], Any]] = {
            "name": lambda: nvml.nvmlDeviceGetName(handle),
            "driver": lambda: nvml.nvmlSystemGetDriverVersion(),
            "power_limit_watts": lambda: nvml.nvmlDeviceGetEnforcedPowerLimit(handle) / 1000,
            "max_clock_mhz": lambda: nvml.nvmlDeviceGetMaxClockInfo(handle, 1),
            "max_memory_clock_mhz": lambda: nvml.nvmlDeviceGetMaxClockInfo(handle, 2),
            "clock_mhz": lambda: nvml.nvmlDeviceGetClockInfo(handle, 1),
            "memory_clock_mhz": lambda: nvml.nvmlDeviceGetClockInfo(handle, 2),
            "celsius": lambda: nvml.nvmlDeviceGetTemperature(handle, 0),
        }
        return self._answers(questions)

    def loads(self) -> Dict[str, float]:
        """Loads in percent and clocks in MHz, as the datasets name them."""
        nvml, handle = self.nvml, self.handle
        return self._answers(
            {
                "gpu": lambda: nvml.nvmlDeviceGetUtilizationRates(handle).gpu,
                "gpu_mem": lambda: nvml.nvmlDeviceGetUtilizationRates(handle).memory,
                "gpu_clk": lambda: nvml.nvmlDeviceGetClockInfo(handle, 1),
                "gpu_mem_clk": lambda: nvml.nvmlDeviceGetClockInfo(handle, 2),
            }
        )

    def _answers(self, questions: Dict[str, Callable[[], Any]]) -> Dict[str, Any]:
        answers = {}
        for key, ask in questions.items():
            try:
                answers[key] = self._text(ask)
            except Exception:  # NVMLError: this GPU does not tell it
                continue
        return answers


class Nvml(Meter):
    """NVIDIA's GPU by its own sensors: the counter of its energy or, where it has none, its power, polled."""

    name = "nvml"

    def __init__(self, device: NvmlDevice) -> None:
        """Refusal where the GPU has neither counter nor power."""
        self._device = device
        nvml, handle = device.nvml, device.handle

        def joules() -> float:
            return float(nvml.nvmlDeviceGetTotalEnergyConsumption(handle)) / 1000

        def watts() -> float:
            return float(nvml.nvmlDeviceGetPowerUsage(handle)) / 1000

        self.has_counter = _works(joules)
        if not self.has_counter:
            try:
                watts()
            except Exception as error:
                raise Refusal(
                    f"this GPU tells NVML neither its energy nor its power: {reason(error)}; MIG instances tell none: "
                    "--watts N estimates with a constant power",
                    NO_INPUT,
                ) from None
        # The counter moves in steps of 20 to 100 ms. Power is itself an average over up to a second.
        self.least_seconds = 1.0 if self.has_counter else 2.0
        how = "counter of energy" if self.has_counter else "power, polled every 20 ms"
        self.joules_of = f"the GPU alone, by its own {how} (NVML)"
        self._sampler = Sampler(joules if self.has_counter else watts, 0.005 if self.has_counter else 0.02, self.has_counter)
        self._begin = 0.0

    def start(self) -> None:
        self._sampler.forget()
        self._begin = time.perf_counter()

    def stop(self) -> float:
        end = time.perf_counter()
        seconds = end - self._begin
        samples = self._sampler.between(self._begin, end)
        # Between two changes of the counter its joules are exact. The ends of the window, which are less than a step each, are
        # taken to have their power.
        if len(samples) < 3:
            what = "energy counter moved" if self.has_counter else "power could be read"
            raise Refusal(f"the GPU's {what} {len(samples)} times in {seconds:.2f} s: take a greater --seconds")
        (first, _), (last, _) = samples[0], samples[-1]
        if self.has_counter:
            return (samples[-1][1] - samples[0][1]) / (last - first) * seconds
        between = sum((b[0] - a[0]) * (a[1] + b[1]) / 2 for a, b in zip(samples, samples[1:]))
        return between / (last - first) * seconds

    def describe(self) -> Dict[str, Any]:
        return {"has_energy_counter": self.has_counter, **self._device.describe()}

    def loads(self) -> Dict[str, float]:
        return self._device.loads()

    def close(self) -> None:
        self._sampler.close()


def _works(ask: Callable[[], Any]) -> bool:
    try:
        ask()
    except Exception:  # NVMLError: not supported
        return False
    return True


class Zeus(Meter):
    """The monitor of Zeus, of one GPU."""

    name = "zeus"
    least_seconds = 1.0

    def __init__(self, index: int, device: Optional[NvmlDevice] = None) -> None:
        """`device` is asked for its clocks, where it is given. Refusal where Zeus is absent or finds no GPU."""
        try:
            monitor = importlib.import_module("zeus.monitor")
        except ImportError:
            raise Refusal("Zeus is absent: pip install zeus, or --meter nvml") from None
        try:
            self._monitor = monitor.ZeusMonitor(gpu_indices=[index])
        except Exception as error:  # Zeus' own and NVML's
            raise Refusal(f"Zeus cannot measure GPU {index}: {reason(error)}", NO_INPUT) from None
        self._device = device
        self.joules_of = "the GPU alone, by its own sensors (Zeus)"

    def start(self) -> None:
        self._monitor.begin_window("irene")

    def stop(self) -> float:
        return float(self._monitor.end_window("irene").total_energy)

    def describe(self) -> Dict[str, Any]:
        version = getattr(importlib.import_module("zeus"), "__version__", None)
        return {"zeus": version, **(self._device.describe() if self._device else {})}

    def loads(self) -> Dict[str, float]:
        return self._device.loads() if self._device else {}
