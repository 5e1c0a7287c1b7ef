#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A step that is stopped leaves nothing running, and passes the end of its command on."""

import os
import signal
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

STEP = Path(__file__).resolve().parent.parent / "step"


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_for(check, patience=15):
    end = time.monotonic() + patience
    while not check():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.02)


def hear_interrupts():  # a shell in the background has them ignored, and a shell cannot trap what it was born ignoring
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Step(unittest.TestCase):
    def stopped_by(self, number, trap=""):
        with tempfile.TemporaryDirectory() as folder:
            note = Path(folder) / "pids"
            command = f"{trap} sleep 600 & echo $! >>{note}; (sleep 600 & echo $! >>{note}; wait) & echo $! >>{note}; wait"
            step = [STEP, "1/1", "self-test of step", "bash", "-c", command]
            process = subprocess.Popen(step, stdout=subprocess.DEVNULL, preexec_fn=hear_interrupts)
            wait_for(lambda: note.exists() and len(note.read_text().split()) == 3)
            pids = [int(p) for p in note.read_text().split()]
            process.send_signal(number)
            self.assertEqual(process.wait(20), -number)
            wait_for(lambda: not any(map(alive, pids)), 2)

    def test_everything_ends_with_it(self):
        self.stopped_by(signal.SIGINT)
        self.stopped_by(signal.SIGTERM)

    def test_what_does_not_listen_is_killed(self):
        self.stopped_by(signal.SIGTERM, "trap '' TERM;")

    def test_the_end_of_the_command_is_its_own(self):
        for code in (0, 3):
            self.assertEqual(subprocess.run([STEP, "1/1", "self-test of step", "bash", "-c", f"exit {code}"], stdout=subprocess.DEVNULL).returncode, code)


if __name__ == "__main__":
    os.environ.pop("KAREZ_VERBOSE", None)
    unittest.main()
