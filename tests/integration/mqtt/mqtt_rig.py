# SPDX-License-Identifier: Apache-2.0
"""A Mosquitto of our own, and the driver in a process of its own (karez-drive), for tests against peers."""

import json
import os
import shutil
import socket
import subprocess
import threading
import time
from pathlib import Path

import pytest

from peer_tools import drive_program, free_port, json_lines, need_node_package, wait_until


class Broker:
    def __init__(self, folder, settings=""):
        program = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin")
        if program is None:
            if os.environ.get("CI"):
                pytest.fail("mosquitto is not installed")
            pytest.skip("mosquitto is not installed: apt-get install mosquitto")
        self.program, self.folder = program, Path(folder)
        for attempt in range(5):  # the port was free a moment ago; another may have taken it
            self.port = free_port()
            if self.start(settings):
                return
        pytest.fail((self.folder / "broker.log").read_text())

    def start(self, settings):
        config = self.folder / "mosquitto.conf"
        config.write_text(
            f"listener {self.port} 127.0.0.1\nmax_queued_messages 0\n"
            f"{'' if 'allow_anonymous' in settings else 'allow_anonymous true'}\nmax_inflight_messages 200\nuser {os.environ.get('USER', 'root')}\n{settings}\n")
        self.log = open(self.folder / "broker.log", "ab")
        self.process = subprocess.Popen([self.program, "-c", config], stdout=self.log, stderr=self.log)
        end = time.monotonic() + 10
        while time.monotonic() < end and self.process.poll() is None:
            with socket.socket() as s:
                if s.connect_ex(("127.0.0.1", self.port)) == 0:
                    return True
            time.sleep(0.02)
        return False

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=20)
        self.log.close()


class Drive:
    """karez-drive with one link. `samples` are those written so far."""

    def __init__(self, folder, broker, points, link=None, device=None, out="samples.jsonl", seconds=300):
        self.folder = Path(folder)
        self.out = self.folder / out
        config = {"host": "127.0.0.1", "port": broker.port, "client_id": "karez-under-test", **(link or {})}
        plan = self.folder / "points.json"
        plan.write_text(json.dumps({"devices": [{"name": "d", "config": device or {}}], "points": points}))
        self.process = subprocess.Popen(
            [drive_program(), "mqtt", json.dumps(config), plan, str(seconds), self.out],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def samples(self, bad=False):
        return [s for s in json_lines(self.out) if bad or s["quality"] >> 14 == 0]

    def wait_for(self, count, patience=60):
        return wait_until(lambda: len(self.samples()) >= count and self.samples(), f"{count} samples", patience)

    def command(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def answer(self):
        return json.loads(self.process.stdout.readline())

    def stop(self):
        self.command("stop")
        rest = self.process.communicate(timeout=30)[0]
        return json.loads(rest.strip().split("\n")[-1])

    def kill(self):
        self.process.kill()
        self.process.communicate()


class SparkplugNode:
    def __init__(self, folder, broker, truth="truth.jsonl"):
        script = Path(__file__).with_name("sparkplug_node.cjs")
        need_node_package("sparkplug-client")
        self.truth_file = Path(folder) / truth
        self.process = subprocess.Popen(["node", script, str(broker.port), self.truth_file],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.lines = []
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        for line in self.process.stdout:
            self.lines.append(line.strip())

    def command(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def wait_for(self, word, count=1):
        wait_until(lambda: self.lines.count(word) >= count, f"the node to say {word}")

    def truth(self):
        return [json.loads(line) for line in self.truth_file.read_text().splitlines()]
