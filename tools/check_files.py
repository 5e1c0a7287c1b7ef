#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks what can be seen in the files themselves: lengths, licence line, nothing of one machine written down.

Usage: tools/check_files.py [ROOT]
"""

import re
import subprocess
import sys
from pathlib import Path

SOFT, HARD, HEADER = 500, 800, 200
COUNTED = {".cpp", ".h", ".ts", ".tsx", ".py"}
LICENSED = COUNTED | {".cmake", ".css", ".js", ".mjs", ".sh"}
LICENSED_NAMES = {"CMakeLists.txt", "Makefile"}
GENERATED = re.compile(r"\.gen\.|\.pb\.|(^|/)generated/|(^|/)testdata/")
TEST_SUPPORT = re.compile(r"(^|/|_)(conformance|fixture|testing)\.h$")   # shared test bodies, not an interface
LOCKS = re.compile(r"(package-lock\.json|yarn\.lock|pnpm-lock\.yaml|requirements[\w.-]*\.txt|\.npmrc|pip\.conf)$")
# A path only one machine has. Written so that this file does not match itself.
MACHINE_PATH = re.compile(r"(^|[^A-Za-z0-9_.\-])/(?:work|farm|root|tmp/kz)/")
HOST = re.compile(r"\b(?:registry\.npmjs|registry\.yarnpkg|files\.pythonhosted|pypi|deb\.debian|snapshot\.debian|"
                  r"security\.debian|repo1?\.maven(?:\.apache)?|proxy\.golang|deb\.nodesource)\.(?:org|com)\b")


def tracked(root):
    """Files of the tree, the new ones that are not ignored included."""
    names = subprocess.run(["git", "-C", root, "ls-files", "-co", "--exclude-standard", "-z"],
                           check=True, capture_output=True).stdout
    return sorted(n for n in names.decode().split("\0") if n and (Path(root) / n).is_file())


def check_text(name, text, problems, notes):
    suffix, lines = Path(name).suffix, text.count("\n")
    if suffix in COUNTED:
        if lines > HARD:
            problems.append(f"{name}: {lines} lines; at most {HARD}")
        elif suffix == ".h" and lines > HEADER and not TEST_SUPPORT.search(name):
            problems.append(f"{name}: {lines} lines; headers have at most {HEADER}")
        elif lines > SOFT:
            notes.append(f"{name}: {lines} lines; aim below {SOFT}")
    if suffix in LICENSED or Path(name).name in LICENSED_NAMES or text.startswith("#!"):
        if not any("SPDX-License-Identifier: Apache-2.0" in line for line in text.split("\n", 2)[:2]):
            problems.append(f"{name}: the first line must be the SPDX licence line")
    if suffix in COUNTED and re.search(r"\b(TODO|FIXME|XXX)\b(?!\(#\d+\))", text) and not re.match(r"tools/.*check_files", name):
        problems.append(f"{name}: write TODO(#123) or nothing")


def check_machine(name, text, problems):
    if LOCKS.search(name) and re.search(r'"resolved": *"https?://|--(?:extra-)?index-url|^registry *=|\bfile:/', text, re.M):
        problems.append(f"{name}: a download address is written down")
    for number, line in enumerate(text.split("\n"), 1):
        if MACHINE_PATH.search(line):
            problems.append(f"{name}:{number}: a path of one machine")
        if HOST.search(line):
            problems.append(f"{name}:{number}: the host of a package registry")


def check(root):
    """(problems, notes) of every text file below root."""
    problems, notes = [], []
    for name in tracked(root):
        data = (Path(root) / name).read_bytes()
        if b"\0" in data[:8192] or len(data) > 8_000_000:
            continue
        text = data.decode("utf-8", "replace")
        if not GENERATED.search(name):
            check_text(name, text, problems, notes)
        check_machine(name, text, problems)
    return problems, notes


def main():
    root = sys.argv[1] if len(sys.argv) > 1 else str(Path(__file__).resolve().parent.parent)
    problems, notes = check(root)
    for line in notes:
        print(f"note: {line}")
    for line in problems:
        print(line)
    print(f"files: {len(problems)} problems, {len(notes)} notes")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
