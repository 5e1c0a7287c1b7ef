# SPDX-License-Identifier: Apache-2.0
"""What the tests against independent peers share."""

import json
import os
import queue
import socket
import subprocess
import threading
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_until(condition, what, patience=30):
    end = time.monotonic() + patience
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError(f"waited {patience} s for {what}")


def need_node_package(name):
    if not (ROOT / "tests/peers/node_modules" / name).exists():
        if os.environ.get("CI"):
            pytest.fail("tests/peers is not installed")
        pytest.skip("tests/peers is not installed: npm --prefix tests/peers ci")


def drive_program():
    """karez-drive beside the karez under test."""
    program = Path(os.environ.get("KAREZ_DRIVE_BIN")
                   or Path(os.environ.get("KAREZ_BIN", ROOT / "build/dev/bin/karez")).parent / "karez-drive")
    assert program.exists(), f"{program} is not built"
    return program


class Talker:
    """A process that is told lines and answers with lines."""

    def __init__(self, *command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.lines = queue.Queue()
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.process.stdout:
            self.lines.put(line.strip())

    def tell(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def hear(self, word=None, patience=60):
        try:
            line = self.lines.get(timeout=patience)
        except queue.Empty:
            raise AssertionError(f"waited {patience} s for {word or 'a line'} of {self.process.args}") from None
        assert word is None or line == word, line
        return line

    def kill(self):
        self.process.kill()
        self.process.wait()


def json_lines(file):
    """What is there so far; a killed process leaves half a line at most, at the end."""
    return [json.loads(line) for line in Path(file).read_text().split("\n")[:-1]] if Path(file).exists() else []
