"""Meters: RAPL by a simulated folder, NVML and Zeus by modules that stand for theirs."""

import sys
import time
import types
import unittest
from unittest import mock

import support
from irene.measure.errors import Refusal
from irene.measure.meters import Nvml, NvmlDevice, Rapl, Sampler, Watts, Zeus

RANGE = 262143328850
ZONES = [
    ("intel-rapl:0", "package-0", 20.0, RANGE, 1000),
    ("intel-rapl:0:0", "core", 500.0, RANGE, 0),
    ("intel-rapl:0:1", "dram", 5.0, RANGE, 500),
    ("intel-rapl:1", "package-1", 10.0, RANGE, 0),
    ("intel-rapl:2", "psys", 900.0, RANGE, 0),
    ("intel-rapl-mmio:0", "package-0", 700.0, RANGE, 0),
]


class RaplTest(support.Folder):
    def test_adds_up_what_shares_no_joule(self):
        powercap = support.Powercap(self.folder / "powercap", ZONES)
        meter = Rapl(powercap.folder)
        meter.start()
        for place, name, *_ in ZONES:
            powercap.set(place, {"package-0": 3_001_000, "dram": 1_000_500, "package-1": 2_000_000}.get(name, 9_000_000))
        self.assertAlmostEqual(meter.stop(), 3 + 1 + 2)
        self.assertEqual(meter.describe(), {"zones": ["package-0", "dram", "package-1"]})
        self.assertIn("package-0, dram, package-1", meter.joules_of)

    def test_a_counter_begins_again_behind_its_range(self):
        powercap = support.Powercap(self.folder / "powercap", [("intel-rapl:0", "package-0", 0, 5_000_000, 4_500_000)])
        meter = Rapl(powercap.folder)
        meter.start()
        powercap.set("intel-rapl:0", 700_000)
        # 0.5 J to its end and 0.7 J from there: its range is the greatest value, behind which comes 0.
        self.assertAlmostEqual(meter.stop(), 1.2, places=5)

    def test_measures_with_the_time(self):
        # 1.2 J a window: the counter begins again in every second one.
        zones = [("intel-rapl:0", "package-0", 40.0, 2_400_000, 1_900_000)]
        with support.Powercap(self.folder / "powercap", zones) as powercap:
            meter = Rapl(powercap.folder)
            watts = []
            for _ in range(11):
                meter.start()
                begin = time.perf_counter()
                time.sleep(0.03)
                watts.append(meter.stop() / (time.perf_counter() - begin))
        self.assertAlmostEqual(sorted(watts)[5], 40, delta=15)

    def test_what_is_not_there_is_a_sentence(self):
        with self.assertRaisesRegex(Refusal, "no RAPL counter.*--watts N") as refused:
            Rapl(self.folder / "nowhere")
        self.assertEqual(refused.exception.exit_code, 66)

    def test_what_may_not_be_read_is_a_sentence(self):
        powercap = support.Powercap(self.folder / "powercap", ZONES)
        with mock.patch("pathlib.Path.read_text", self._read_but("energy_uj")):
            with self.assertRaisesRegex(Refusal, "energy_uj: may not be read; as root: chmod a\\+r .*--watts N") as refused:
                Rapl(powercap.folder)
        self.assertEqual(refused.exception.exit_code, 66)

    @staticmethod
    def _read_but(name):
        read = support.pathlib.Path.read_text

        def denied(path, *arguments, **options):
            if path.name == name:
                raise PermissionError(13, "Permission denied")
            return read(path, *arguments, **options)

        return denied

    def test_a_counter_that_is_no_number_is_a_sentence(self):
        powercap = support.Powercap(self.folder / "powercap", ZONES)
        meter = Rapl(powercap.folder)
        (powercap.folder / "intel-rapl:0" / "energy_uj").write_text("much")
        with self.assertRaisesRegex(Refusal, "expected a whole number of microjoules"):
            meter.stop()


class FakeNvml(types.ModuleType):
    """pynvml of a GPU of 300 W, whose counter moves every 50 ms."""

    def __init__(self, has_counter=True, has_power=True, name="Fake H100"):
        super().__init__("pynvml")
        self.begin = time.perf_counter()
        self.has_counter, self.has_power, self.name = has_counter, has_power, name
        self.asked = None

    def nvmlInit(self):
        pass

    def nvmlDeviceGetHandleByIndex(self, index):
        self.asked = index
        if index > 1:
            raise RuntimeError("Invalid Argument")
        return "handle"

    def nvmlDeviceGetHandleByUUID(self, uuid):
        self.asked = uuid
        return "handle"

    def nvmlDeviceGetName(self, _):
        return self.name.encode()  # as older versions of the package

    def nvmlDeviceGetTotalEnergyConsumption(self, _):
        if not self.has_counter:
            raise RuntimeError("Not Supported")
        steps = int((time.perf_counter() - self.begin) / 0.05)
        return 1000 * 300 * steps * 0.05

    def nvmlDeviceGetPowerUsage(self, _):
        if not self.has_power:
            raise RuntimeError("Not Supported")
        return 300_000

    def nvmlDeviceGetClockInfo(self, _, kind):
        return {1: 1410, 2: 1593}[kind]

    def nvmlDeviceGetUtilizationRates(self, _):
        return types.SimpleNamespace(gpu=97, memory=40)

    def nvmlSystemGetDriverVersion(self):
        return b"550.1"

    def nvmlDeviceGetEnforcedPowerLimit(self, _):
        return 350_000


class NvmlTest(unittest.TestCase):
    def meter(self, fake):
        with mock.patch.dict(sys.modules, pynvml=fake):
            meter = Nvml(NvmlDevice())
        self.addCleanup(meter.close)
        return meter

    def test_joules_of_a_window_do_not_depend_on_the_steps_of_the_counter(self):
        meter = self.meter(FakeNvml())
        for seconds in (0.52, 0.58):
            meter.start()
            begin = time.perf_counter()
            time.sleep(seconds)
            self.assertAlmostEqual(meter.stop() / (time.perf_counter() - begin), 300, delta=30)
        self.assertIn("counter", meter.joules_of)

    def test_power_is_polled_where_there_is_no_counter(self):
        meter = self.meter(FakeNvml(has_counter=False))
        meter.start()
        begin = time.perf_counter()
        time.sleep(0.2)
        self.assertAlmostEqual(meter.stop() / (time.perf_counter() - begin), 300, delta=3)
        self.assertIn("polled", meter.joules_of)
        self.assertFalse(meter.describe()["has_energy_counter"])

    def test_a_window_in_which_the_counter_hardly_moves_is_refused(self):
        meter = self.meter(FakeNvml())
        meter.start()
        with self.assertRaisesRegex(Refusal, "take a greater --seconds"):
            meter.stop()

    def test_a_gpu_that_tells_nothing_is_a_sentence(self):
        with self.assertRaisesRegex(Refusal, "neither its energy nor its power.*MIG.*--watts"):
            self.meter(FakeNvml(has_counter=False, has_power=False))

    def test_the_package_that_is_absent_is_a_sentence(self):
        with mock.patch.dict(sys.modules, pynvml=None), self.assertRaisesRegex(Refusal, "pip install nvidia-ml-py"):
            NvmlDevice()

    def test_a_gpu_that_is_not_there_is_a_sentence(self):
        with mock.patch.dict(sys.modules, pynvml=FakeNvml()), self.assertRaisesRegex(Refusal, "no such GPU.*nvidia-smi") as refused:
            NvmlDevice(7)
        self.assertEqual(refused.exception.exit_code, 66)

    def test_the_gpu_is_found_by_its_uuid_and_never_taken_for_another(self):
        fake = FakeNvml()
        with mock.patch.dict(sys.modules, pynvml=fake):
            NvmlDevice(0, "12-34", "Fake H100")
            self.assertEqual(fake.asked, "GPU-12-34")
            with self.assertRaisesRegex(Refusal, "CUDA_DEVICE_ORDER=PCI_BUS_ID"):
                NvmlDevice(0, None, "Another GPU")

    def test_tells_what_the_driver_knows(self):
        meter = self.meter(FakeNvml())
        self.assertEqual(
            meter.describe(),
            {
                "has_energy_counter": True, "name": "Fake H100", "driver": "550.1", "power_limit_watts": 350.0,
                "clock_mhz": 1410, "memory_clock_mhz": 1593,
            },
        )
        self.assertEqual(meter.loads(), {"gpu": 97, "gpu_mem": 40, "gpu_clk": 1410, "gpu_mem_clk": 1593})

    def test_a_driver_that_fails_meanwhile_is_a_sentence(self):
        def fails():
            raise RuntimeError("GPU is lost")

        sampler = Sampler(fails, 0.001, False)
        self.addCleanup(sampler.close)
        time.sleep(0.05)
        with self.assertRaisesRegex(Refusal, "cannot be read any more: GPU is lost"):
            sampler.between(0, 1)


class ZeusTest(unittest.TestCase):
    def test_measures_by_its_windows(self):
        class Monitor:
            def __init__(self, gpu_indices):
                self.gpu_indices = gpu_indices

            def begin_window(self, name):
                self.window = name

            def end_window(self, name):
                assert name == self.window
                return types.SimpleNamespace(total_energy=12.5)

        zeus = types.ModuleType("zeus")
        zeus.__version__ = "0.11"
        monitor = types.ModuleType("zeus.monitor")
        monitor.ZeusMonitor = Monitor
        with mock.patch.dict(sys.modules, {"zeus": zeus, "zeus.monitor": monitor}):
            meter = Zeus(0)
            meter.start()
            self.assertEqual(meter.stop(), 12.5)
            self.assertEqual(meter.describe(), {"zeus": "0.11"})

    def test_what_is_absent_is_a_sentence(self):
        with mock.patch.dict(sys.modules, {"zeus.monitor": None}), self.assertRaisesRegex(Refusal, "pip install zeus"):
            Zeus(0)


class WattsTest(unittest.TestCase):
    def test_is_said_to_be_an_estimate(self):
        meter = Watts(50)
        self.assertIn("an estimate", meter.joules_of)
        self.assertTrue(meter.describe()["is_estimate"])
        meter.start()
        begin = time.perf_counter()
        support.spin(0.05)
        self.assertAlmostEqual(meter.stop(), 50 * (time.perf_counter() - begin), delta=0.5)


if __name__ == "__main__":
    unittest.main()
