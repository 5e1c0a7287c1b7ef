# SPDX-License-Identifier: Apache-2.0
"""The program as a client: against a running platform, and against a stand-in that notes what it was asked."""

import json
import os
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from api_rig import Server, set_up
from contract import ROOT, Contract

PROGRAM = Path(os.environ.get("KAREZ_BIN", ROOT / "build" / "dev" / "bin" / "karez"))


class Cli:
    """Runs `karez` with a home of its own and nothing of the caller's shell but the path."""

    def __init__(self, home, url):
        self.home, self.url, self.environment = home, url, {}

    @property
    def kept(self):
        return self.home / "karez" / "cli.json"

    def run(self, *words, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL):
        keep = {k: v for k, v in os.environ.items() if k in ("PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS", "LD_LIBRARY_PATH")}
        return subprocess.run([PROGRAM, *words], stdout=stdout, stderr=subprocess.PIPE, stdin=stdin, text=True, timeout=60,
                              env={**keep, "XDG_CONFIG_HOME": str(self.home), "KAREZ_URL": self.url, **self.environment})

    def good(self, *words):
        done = self.run(*words)
        assert done.returncode == 0, f"{words}: {done.stdout}{done.stderr}"
        return done.stdout


class StandIn:
    """Answers as told and keeps every request; for what must not depend on a device."""

    def __init__(self):
        self.answers, self.requests = {}, []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
                outer.requests.append((self.command, self.path, body))
                status, said = outer.answers.get((self.command, self.path.split("?")[0]), (404, {"slug": "test.unknown", "title": "unknown"}))
                text = json.dumps(said).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            do_GET = do_POST = do_DELETE = answer

            def log_message(self, *arguments):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def stand_in():
    server = StandIn()
    server.answers[("GET", "/api/v1/session")] = (200, {"tenants": [{"id": "t1", "role": "operator"}]})
    yield server
    server.close()


@pytest.fixture
def cli_of(tmp_path):
    return lambda url: Cli(tmp_path, url)


@pytest.fixture(scope="module")
def contract():
    return Contract()


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    running = Server(tmp_path_factory.mktemp("karez"), "--log-level", "warning")
    yield running
    running.stop()


@pytest.fixture(scope="module")
def owner(server, contract):
    return set_up(server, contract)


@pytest.fixture(scope="module")
def people(owner):
    """One user of each role with the one-time password of its first log-in."""
    made = {}
    for role in ("owner", "engineer", "operator", "viewer"):
        answer = owner.post("users", {"name": f"cli.{role}", "role": role}).json()
        made[role] = (f"cli.{role}", answer["one_time_password"])
    return made
