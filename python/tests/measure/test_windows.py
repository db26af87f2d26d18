"""Warm-up, windows, and when there are enough of them: by a clock that goes on when work is done, and by the real one."""

import itertools
import statistics
import time
import unittest
from unittest import mock

import support
from irene.measure.errors import Refusal
from irene.measure.meters import Meter, Watts
from irene.measure.windows import LEAST_WINDOWS, Settings, idle_watts, measure, standard_error


class Scripted(Meter):
    """Tells the joules that it was given, window by window, and how long these were."""

    name = "scripted"

    def __init__(self, joules, least_seconds=0.0):
        self.joules = list(joules)
        self.least_seconds = least_seconds
        self.windows = []

    def start(self):
        self.begin = time.perf_counter()

    def stop(self):
        self.windows.append(time.perf_counter() - self.begin)
        return self.joules[len(self.windows) - 1]


class Work:
    """Takes so many seconds of the clock a call: the same, or one after the other."""

    def __init__(self, test, *seconds):
        self.now, self.seconds, self.calls, self.waits = 0.0, seconds, 0, 0
        for patch in (mock.patch("time.perf_counter", lambda: self.now), mock.patch("time.sleep", self.sleep)):
            patch.start()
            test.addCleanup(patch.stop)

    def __call__(self):
        self.now += self.seconds[self.calls % len(self.seconds)]
        self.calls += 1

    def sleep(self, seconds):
        self.now += seconds

    def synchronize(self):
        self.waits += 1


class StandardErrorTest(unittest.TestCase):
    def test_of_the_mean_as_a_part_of_it(self):
        values = [9.0, 10.0, 11.0, 10.0]
        self.assertAlmostEqual(standard_error(values), statistics.stdev(values) / 2 / 10)
        self.assertEqual(standard_error([0.0, 0.0]), 0)
        self.assertIsNone(standard_error([5.0]))


class MeasureTest(unittest.TestCase):
    def test_seconds_and_joules_are_those_of_one_call(self):
        work = Work(self, 0.004)
        found = measure(work, Watts(50), Settings(1.0, 10.0, 0.01, 0.25), work.synchronize)
        self.assertAlmostEqual(found.seconds, 0.004)
        self.assertAlmostEqual(found.joules, 0.2)
        self.assertEqual(found.windows, LEAST_WINDOWS)
        self.assertAlmostEqual(found.repetitions, LEAST_WINDOWS * 250, delta=LEAST_WINDOWS * 5)
        # The warm-up is none of them: one call, then 0.25 s.
        self.assertAlmostEqual(work.calls - found.repetitions, 64, delta=1)
        # In batches of 16 to 20 ms, each of which is waited for.
        self.assertAlmostEqual(work.waits, LEAST_WINDOWS * 50 + 64, delta=LEAST_WINDOWS * 13 + 1)

    def test_with_the_time_as_it_is(self):
        found = measure(lambda: support.spin(0.004), Watts(50), Settings(0.02, 0.5, 0.05, 0.01))
        self.assertGreaterEqual(found.seconds, 0.004)
        self.assertGreaterEqual(found.joules, 0.2)
        self.assertEqual(set(found.loads), {"cpu", "mem"})

    def test_windows_last_as_long_as_they_are_told_and_the_meter_needs(self):
        for least, expected in ((0.0, 0.5), (0.8, 0.8)):
            meter = Scripted([1.0] * 9, least)
            measure(Work(self, 0.001), meter, Settings(0.5, 60.0, 0.1, 0.0))
            self.assertEqual(len(meter.windows), LEAST_WINDOWS)
            for window in meter.windows:
                self.assertAlmostEqual(window, expected, delta=0.02)

    def test_windows_follow_until_seconds_and_joules_agree(self):
        joules = [1.0, 1.3, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0]
        enough = next(count for count in range(3, 9) if standard_error(joules[:count]) < 0.05)
        self.assertGreater(enough, LEAST_WINDOWS)
        found = measure(Work(self, 0.001), Scripted(joules), Settings(0.1, 60.0, 0.05, 0.0))
        self.assertEqual(found.windows, enough)
        self.assertLess(found.joules_error, 0.05)
        # The other way round: the same joules, but seconds that stray.
        work = Work(self, *([0.1] * 2 + [0.1, 0.14, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1]))
        found = measure(work, Scripted([1.0] * 9), Settings(0.09, 60.0, 0.05, 0.0))
        self.assertGreater(found.windows, LEAST_WINDOWS)
        self.assertLess(found.seconds_error, 0.05)

    def test_what_does_not_agree_is_measured_until_time_is_up(self):
        meter = Scripted([1.0, 9.0] * 50)
        found = measure(Work(self, 0.001), meter, Settings(0.5, 5.0, 0.01, 0.0))
        self.assertAlmostEqual(found.windows, 10, delta=1)
        self.assertGreater(found.joules_error, 0.01)

    def test_a_run_longer_than_all_windows_is_measured_once(self):
        work = Work(self, 30.0)
        found = measure(work, Scripted([3.0]), Settings(1.0, 10.0, 0.01, 0.25))
        self.assertEqual((found.windows, found.repetitions, found.joules, found.seconds), (1, 1, 3.0, 30.0))
        self.assertIsNone(found.joules_error)
        self.assertEqual(work.calls, 3)

    def test_one_disturbed_window_does_not_move_the_result(self):
        # 100 calls of 5 ms fill a window of 0.5 s.
        found = measure(Work(self, 0.005), Scripted([200.0, 200.0, 9e4, 200.0, 200.0]), Settings(0.5, 2.5, 0.01, 0.0))
        self.assertEqual(found.joules, 2.0)

    def test_a_window_that_is_over_before_it_began_has_a_call_all_the_same(self):
        # The system gives the processor to a neighbour just when the window has begun.
        times = itertools.chain([0, 1, 1, 1, 1], itertools.repeat(9))
        meter = mock.Mock(least_seconds=0, stop=lambda: 3.0, loads=dict)
        with mock.patch("time.perf_counter", lambda: next(times)):
            found = measure(lambda: None, meter, Settings(0.5, 5.0, 0.01, 0.0))
        self.assertEqual((found.repetitions, found.seconds, found.joules), (1, 8, 3.0))

    def test_the_fastest_window_tells_where_it_is_asked_for(self):
        # A call a window; the warm-up has the first two.
        work = Work(self, 0.3, 0.3, 0.3, 0.2, 0.4)
        found = measure(work, Scripted([6.0, 5.0, 9.0]), Settings(0.1, 0.8, 1e-9, 0.0, "fastest"))
        self.assertEqual(found.windows, 3)
        self.assertAlmostEqual(found.seconds, 0.2)
        self.assertEqual(found.joules, 5.0)

    def test_idle_power_is_that_of_a_device_that_waits(self):
        work = Work(self, 1.0)
        self.assertAlmostEqual(idle_watts(Watts(35), Settings(0.5, 1)), 35)
        self.assertEqual((work.calls, work.now), (0, 0.5))

    def test_settings_that_contradict_each_other_are_refused(self):
        for settings, words in (
            (Settings(seconds=2, max_seconds=1), "--max_seconds 1 is less than the window of --seconds 2"),
            (Settings(seconds=0), "--seconds"),
            (Settings(error=0), "--error"),
            (Settings(take="best"), "--take"),
        ):
            with self.subTest(words), self.assertRaisesRegex(Refusal, words):
                settings.check()


if __name__ == "__main__":
    unittest.main()
