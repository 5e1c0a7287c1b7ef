# SPDX-License-Identifier: Apache-2.0
"""A running platform and a client of its API that holds every answer to the contract."""

import json
import os
import subprocess
import time
from pathlib import Path

import httpx

from contract import ROOT

PASSWORD = "correct horse battery"


class Server:
    """A running `karez serve` with its data in `folder`."""

    def __init__(self, folder, *arguments):
        program = Path(os.environ.get("KAREZ_BIN", ROOT / "build" / "dev" / "bin" / "karez"))
        self.folder = Path(folder)
        self.errors = open(self.folder / "server.log", "ab")
        self.process = subprocess.Popen(
            [program, "serve", "--data", str(self.folder / "data"), "--http-port", "0", "--ready-json", *arguments],
            stdout=subprocess.PIPE, stderr=self.errors, text=True)
        line = self.process.stdout.readline()
        assert line, (self.folder / "server.log").read_text()
        ready = json.loads(line)
        assert ready["ready"]
        self.port = ready["port"]
        self.url = f"http://127.0.0.1:{self.port}"
        self.one_time_password = ready.get("one_time_password")

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(timeout=20)
        self.errors.close()


class Client:
    """Calls the API; every response, and every request meant to be right, is held to the contract."""

    def __init__(self, server, contract, headers=None):
        self.http = httpx.Client(base_url=server.url, timeout=30, headers=headers or {})
        self.contract = contract
        self.tenant = None

    def path(self, path):
        return path if path.startswith("/") else f"/api/v1/t/{self.tenant}/{path}"

    def call(self, method, path, body=None, status=None, headers=None, **kwargs):
        path = self.path(path)
        if body is not None:
            kwargs["json"] = body
            if status is None or status < 400:
                self.contract.check_request(method, path, body)
        response = self.http.request(method, path, headers=headers, **kwargs)
        if status is not None:
            assert response.status_code == status, f"{method} {path}: {response.status_code} {response.text[:600]}"
        self.contract.check_response(method, path, response)
        return response

    def get(self, path, status=200, **kwargs):
        return self.call("GET", path, status=status, **kwargs)

    def post(self, path, body=None, status=201, **kwargs):
        return self.call("POST", path, body, status, **kwargs)

    def change(self, method, path, body=None, status=200, etag=None, **kwargs):
        """PUT, PATCH or DELETE with the ETag of the resource as it is now."""
        tag = etag or self.get(path).headers["etag"]
        return self.call(method, path, body, status, headers={"If-Match": tag}, **kwargs)

    def log_in(self, user, password, status=200):
        response = self.call("POST", "/api/v1/session", {"user": user, "password": password}, status)
        if status == 200:
            self.http.headers["X-Karez-CSRF"] = response.json()["csrf"]
            self.tenant = response.json()["tenants"][0]["id"]
        return response


def set_up(server, contract):
    """The first run: a new password for the first user, who is the owner, and the enterprise with one site."""
    owner = Client(server, contract)
    owner.log_in("admin", server.one_time_password)
    changed = owner.post("/api/v1/session/password", {"old": server.one_time_password, "new": PASSWORD}, 200)
    owner.http.headers["X-Karez-CSRF"] = changed.json()["csrf"]
    owner.change("PUT", f"/api/v1/t/{owner.tenant}", {
        "name": "青岛啤酒厂", "industry": "C1513", "region": "370200", "site_name": "一厂", "time_zone": "Asia/Shanghai"})
    return owner


def first_site(owner):
    """The site made by the set-up."""
    root = owner.get("equipment").json()["items"][0]
    return owner.get("equipment", params={"parent": root["id"]}).json()["items"][0]["id"]


def eventually(check, seconds=10):
    """Waits until `check` answers something true."""
    end = time.monotonic() + seconds
    while True:
        result = check()
        if result or time.monotonic() > end:
            assert result
            return result
        time.sleep(0.05)
