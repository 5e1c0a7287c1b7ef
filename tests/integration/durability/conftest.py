# SPDX-License-Identifier: Apache-2.0
"""A platform that can be killed and started again on the same data, as a plant would."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tests/integration/mqtt"))
PASSWORD = "a quiet river in spring"


class Platform:
    def __init__(self, folder):
        self.folder = Path(folder)
        self.program = os.environ.get("KAREZ_BIN", str(ROOT / "build/dev/bin/karez"))
        self.log = open(self.folder / "server.log", "ab")
        self.token = None
        self.start()
        self.sign_in()

    def start(self):
        began = time.monotonic()
        self.process = subprocess.Popen(
            [self.program, "serve", "--data", str(self.folder / "data"), "--http-port", "0", "--ready-json"],
            stdout=subprocess.PIPE, stderr=self.log, text=True)
        line = self.process.stdout.readline()
        assert line, (self.folder / "server.log").read_text()[-2000:]
        self.ready = json.loads(line)
        self.url = self.ready["url"]
        self.took = time.monotonic() - began

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            assert self.process.wait(timeout=30) == 0
        self.log.close()

    def call(self, method, path, body=None, headers=None, timeout=30):
        headers = dict(headers or {})
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        if isinstance(body, (dict, list)):
            body = json.dumps(body).encode()
            headers["Content-Type"] = "application/json"
        request = urllib.request.Request(self.url + path, data=body, method=method, headers=headers)
        with urllib.request.urlopen(request, timeout=timeout) as response:
            text = response.read()
            self.cookie = response.headers.get("Set-Cookie")
            return json.loads(text) if text else None

    def sign_in(self):
        session = self.call("POST", "/api/v1/session", {"user": "admin", "password": self.ready["one_time_password"]})
        headers = {"Cookie": self.cookie.split(";")[0], "X-Karez-CSRF": session["csrf"]}
        self.call("POST", "/api/v1/session/password", {"old": self.ready["one_time_password"], "new": PASSWORD}, headers)
        self.tenant = session["tenants"][0]["id"]
        made = self.call("POST", f"/api/v1/t/{self.tenant}/tokens", {"name": "test", "role": "owner"}, headers)
        self.token = made["secret"]

    def tenant_path(self, rest):
        return f"/api/v1/t/{self.tenant}/{rest}"

    def history(self, point, start_ns, end_ns):
        """All samples as {time in ns: value}."""
        found, cursor = {}, None
        while True:
            path = self.tenant_path(f"history/{point}/raw?limit=10000&from={rfc3339(start_ns)}&to={rfc3339(end_ns)}")
            page = self.call("GET", path + (f"&cursor={cursor}" if cursor else ""))
            for item in page["items"]:
                time_ns = nanoseconds(item["t"])
                assert time_ns not in found, "one sample twice"
                found[time_ns] = item["v"]
            cursor = page["next_cursor"]
            if not cursor:
                return found


def rfc3339(ns):
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(ns // 10**9)) + f".{ns % 10**9:09d}Z"


def nanoseconds(text):
    import calendar
    whole, _, fraction = text.rstrip("Z").partition(".")
    return calendar.timegm(time.strptime(whole, "%Y-%m-%dT%H:%M:%S")) * 10**9 + int((fraction or "0").ljust(9, "0"))


@pytest.fixture
def platform(tmp_path):
    running = Platform(tmp_path)
    yield running
    running.stop()
