#!/usr/bin/env python3
"""Runs the tests of measuring, or those named, and says in lines that begin with "skipped: " what was not run, and why.

usage: run.py [TEST...]     IRENE_PYTHON_TEST=required: what is skipped has failed
"""

import os
import pathlib
import sys
import unittest


def main():
    here = pathlib.Path(__file__).resolve().parent
    sys.path.insert(0, str(here))
    names = sys.argv[1:] or sorted(file.stem for file in here.glob("test_*.py"))
    result = unittest.TextTestRunner(verbosity=1).run(unittest.defaultTestLoader.loadTestsFromNames(names))
    reasons = sorted({reason for _, reason in result.skipped})
    for reason in reasons:
        print(f"skipped: {reason}")
    if not result.wasSuccessful():
        return 1
    return 1 if reasons and os.environ.get("IRENE_PYTHON_TEST") == "required" else 0


if __name__ == "__main__":
    sys.exit(main())
