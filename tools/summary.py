#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Adds up the JUnit files of one run and prints one line for each and the sum: "N passed, N failed[, N skipped]".

A GoogleTest program counts as its cases. Usage: tools/summary.py FOLDER [FAILED_STEPS]
"""

import re
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path


def count_case(case):
    """(passed, failed, skipped) of one <testcase>."""
    output = "".join(e.text or "" for e in case.findall("system-out"))
    good = re.findall(r"^\[  PASSED  \] (\d+) tests?\.", output, re.MULTILINE)
    bad = re.findall(r"^ ?(\d+) FAILED TESTS?", output, re.MULTILINE)
    skipped = re.findall(r"^\[  SKIPPED \] (\d+) tests?,", output, re.MULTILINE)
    failed = case.find("failure") is not None or case.find("error") is not None or case.get("status") == "fail"
    if good or bad:
        wrong = sum(map(int, bad))
        return sum(map(int, good)), wrong if wrong or not failed else 1, sum(map(int, skipped))
    if failed:
        return 0, 1, 0
    if case.find("skipped") is not None or case.get("status") in ("disabled", "notrun"):
        return 0, 0, 1
    return 1, 0, 0


def count(path):
    try:
        cases = ElementTree.parse(path).getroot().iter("testcase")
        return tuple(map(sum, zip((0, 0, 0), *map(count_case, cases))))
    except ElementTree.ParseError:
        return 0, 1, 0   # cut short: the program died


def main():
    total = (0, 0, 0)
    for path in sorted(Path(sys.argv[1]).glob("*.xml")):
        counts = count(path)
        total = tuple(map(sum, zip(total, counts)))
        print(f"  {path.stem:<14} {counts[0]} passed, {counts[1]} failed, {counts[2]} skipped")
    steps = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    failed = max(total[1], steps)   # a step that failed without a test to blame still counts
    print(f"{total[0]} passed, {failed} failed" + (f", {total[2]} skipped" if total[2] else ""))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
