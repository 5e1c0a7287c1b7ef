#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Proves that tools/check_files.py finds what it claims to find."""

import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import check_files  # noqa: E402

SPDX = "// SPDX-License-Identifier: Apache-2.0\n"


def problems(name, text):
    found, notes = [], []
    check_files.check_text(name, text, found, notes)
    check_files.check_machine(name, text, found)
    return found, notes


class Files(unittest.TestCase):
    def test_clean_file(self):
        self.assertEqual(problems("src/base/a.cpp", SPDX + "int a;\n"), ([], []))

    def test_licence_line(self):
        self.assertEqual(len(problems("src/base/a.cpp", "int a;\n")[0]), 1)

    def test_licence_line_after_a_shebang(self):
        self.assertEqual(problems("tools/x", "#!/bin/sh\n# SPDX-License-Identifier: Apache-2.0\n"), ([], []))

    def test_lengths(self):
        self.assertEqual(len(problems("a.cpp", SPDX + "\n" * 600)[1]), 1)
        self.assertEqual(len(problems("a.tsx", SPDX + "\n" * 801)[0]), 1)
        self.assertEqual(len(problems("a.h", SPDX + "\n" * 201)[0]), 1)

    def test_lock_file_with_addresses(self):
        self.assertEqual(len(problems("package-lock.json", '{"resolved": "https://example.invalid/x.tgz"}')[0]), 1)
        self.assertEqual(len(problems("tests/requirements.txt", "--index-url https://example.invalid/\n")[0]), 1)

    def test_path_of_one_machine(self):
        self.assertEqual(len(problems("a.md", "see /" + "root/x and run it\n")[0]), 1)
        self.assertEqual(problems("a.md", "GET /api/v1/root/x\n")[0], [])

    def test_registry_host(self):
        self.assertEqual(len(problems("a.md", "from pypi" + ".org\n")[0]), 1)

    def test_todo_needs_an_issue(self):
        self.assertEqual(len(problems("a.cpp", SPDX + "// TODO later\n")[0]), 1)
        self.assertEqual(problems("a.cpp", SPDX + "// TODO(#12) later\n")[0], [])


if __name__ == "__main__":
    unittest.main()
