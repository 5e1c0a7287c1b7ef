# SPDX-License-Identifier: Apache-2.0
"""Starting, stopping, and what slow devices may not hold up."""

import os
import socket
import sqlite3
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from api_rig import Client, Server, eventually, first_site, set_up


@pytest.fixture
def own(tmp_path):
    """A platform of its own."""
    server = Server(tmp_path)
    yield server
    server.stop()


@pytest.fixture
def deaf_device():
    """A port that accepts and then says nothing."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    held, stop = [], threading.Event()

    def accept():
        while not stop.is_set():
            try:
                held.append(listener.accept()[0])
            except OSError:
                return
    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    yield listener.getsockname()[1]
    stop.set()
    listener.close()
    for s in held:
        s.close()


def test_a_second_start_on_the_same_data_changes_nothing(own, contract):
    program = own.process.args[0]
    data = str(own.folder / "data")
    for port in ["0", str(own.port)]:
        second = subprocess.run([program, "serve", "--data", data, "--http-port", port, "--ready-json"],
                                capture_output=True, text=True, timeout=20)
        assert second.returncode == 1 and not second.stdout
        assert "server.data_in_use" in second.stderr or "Another process" in second.stderr
    Client(own, contract).log_in("admin", own.one_time_password)


def test_a_start_that_fails_leaves_the_printed_password_alone(tmp_path, contract):
    def stored():
        with sqlite3.connect(f"file:{tmp_path}/data/meta.db?mode=ro", uri=True) as db:
            return db.execute("SELECT password FROM auth_user").fetchall()
    first = Server(tmp_path)
    first.stop()
    before = stored()
    blocker = socket.create_server(("127.0.0.1", 0))
    try:
        failed = subprocess.run([first.process.args[0], "serve", "--data", str(tmp_path / "data"), "--http-port",
                                 str(blocker.getsockname()[1]), "--ready-json"], capture_output=True, text=True, timeout=20)
        assert failed.returncode == 1 and not failed.stdout
    finally:
        blocker.close()
    assert stored() == before
    # A start that succeeds prints its own.
    again = Server(tmp_path)
    try:
        Client(again, contract).log_in("admin", again.one_time_password)
    finally:
        again.stop()


def test_a_log_level_that_is_none_is_refused(own):
    refused = subprocess.run([own.process.args[0], "serve", "--log-level", "nonsense"], capture_output=True, text=True, timeout=20)
    assert refused.returncode == 2 and "--log-level" in refused.stderr


def test_deaf_devices_hold_up_neither_others_nor_the_stop(own, contract, deaf_device):
    owner = set_up(own, contract)
    body = {"link": {"host": "127.0.0.1", "port": deaf_device}, "addresses": ["hr:1"]}

    def test_link(_):
        try:
            return httpx.post(f"{own.url}{owner.path('drivers/modbus/test')}", json=body, timeout=30,
                              headers=owner.http.headers, cookies=owner.http.cookies).status_code
        except httpx.HTTPError:
            return None
    with ThreadPoolExecutor(8) as pool:
        waiting = [pool.submit(test_link, i) for i in range(8)]
        time.sleep(0.5)  # until they wait for the device; were they quick, there would be nothing to see
        start = time.monotonic()
        for _ in range(20):
            owner.get("devices")
        assert time.monotonic() - start < 3, "the list waits behind the devices"
        start = time.monotonic()
        own.process.terminate()
        own.process.wait(20)
        assert time.monotonic() - start < 5, "the stop waits for the devices"
        assert own.process.returncode == 0
        for w in waiting:
            w.result()


def test_events_of_the_stop_have_names(own, contract):
    owner = set_up(own, contract)
    link = {"name": "named link", "driver": "modbus", "config": {"host": "127.0.0.1", "port": 1}}
    device = {"name": "d", "class": "production_equipment", "equipment": first_site(owner)}
    owner.post("devices/wizard", {"link": {"new": link}, "device": device, "points": [{"name": "p", "address": "hr:1", "type": "double"}]})
    eventually(lambda: owner.get("links").json()["items"][0]["state"] not in ("disabled", "connecting"))
    own.stop()
    with sqlite3.connect(own.folder / "data" / "meta.db") as db:
        events = db.execute("SELECT name, state FROM event WHERE kind = 'link.state'").fetchall()
    assert ("named link", "disabled") in events
    assert not [e for e in events if not e[0]]


def test_a_stop_during_a_download_is_quick(own, contract):
    owner = set_up(own, contract)
    token = owner.post("tokens", {"name": "lines", "role": "operator"}).json()["secret"]
    for k in range(4):
        body = "".join(f"long v={i}.25 {1_790_000_000_000_000_000 + i * 10**6}\n" for i in range(k * 60_000, (k + 1) * 60_000))
        assert httpx.post(f"{own.url}/api/v2/write", params={"bucket": "b"}, content=body, timeout=30,
                          headers={"Authorization": f"Bearer {token}"}).status_code == 204
    point = owner.get("points", params={"q": "v"}).json()["items"][0]["id"]
    span = {"from": "2020-01-01T00:00:00Z", "to": "2100-01-01T00:00:00Z"}
    with owner.http.stream("GET", owner.path(f"history/{point}/export.csv"), params=span) as response:
        assert response.status_code == 200
        chunks = response.iter_raw(1000)
        next(chunks)
        owner.get("/healthz")  # on another connection: the loop is free while the client does not read
        start = time.monotonic()
        own.process.terminate()
        own.process.wait(20)
        assert time.monotonic() - start < 5 and own.process.returncode == 0
        with pytest.raises(httpx.HTTPError):
            for _ in chunks:
                pass


def test_more_buckets_than_a_tenant_may_have_at_once_take_turns(own, contract):
    owner = set_up(own, contract)
    token = owner.post("tokens", {"name": "lines", "role": "operator"}).json()["secret"]
    with httpx.Client(base_url=own.url, timeout=30, headers={"Authorization": f"Bearer {token}"}) as client:
        for i in range(220):
            body = f"turns v={i} {1_790_000_000_000_000_000 + i}"
            assert client.post("/api/v2/write", params={"bucket": f"bucket{i % 210}"}, content=body).status_code == 204
    device = owner.get("devices", params={"q": "bucket7/turns"}).json()["items"][0]["id"]
    point = owner.get("points", params={"device": device}).json()["items"][0]["id"]
    span = {"from": "2026-01-01T00:00:00Z", "to": "2027-01-01T00:00:00Z"}
    assert [s["v"] for s in owner.get(f"history/{point}/raw", params=span).json()["items"]] == [7, 217]


def test_one_address_cannot_take_every_connection(tmp_path):
    config = tmp_path / "config.json"
    config.write_text('{"http": {"max_connections_per_ip": 5}}')
    server = Server(tmp_path, "--config", str(config))
    try:
        held = [socket.create_connection(("127.0.0.1", server.port), timeout=5) for _ in range(5)]
        time.sleep(0.2)
        more = socket.create_connection(("127.0.0.1", server.port), timeout=5)
        more.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        try:
            assert more.recv(100) == b""
        except ConnectionError:
            pass
        more.close()
        held.pop().close()
        time.sleep(0.2)
        assert httpx.get(f"{server.url}/healthz").status_code == 200
        for s in held:
            s.close()
    finally:
        server.stop()


def test_long_bodies_leave_no_files(own, contract):
    owner = set_up(own, contract)
    token = owner.post("tokens", {"name": "lines", "role": "operator"}).json()["secret"]
    body = "".join(f"file v={i}\n" for i in range(100_000))
    assert httpx.post(f"{own.url}/api/v2/write", params={"bucket": "b"}, content=body, timeout=30,
                      headers={"Authorization": f"Bearer {token}"}).status_code == 204
    left = [f for _, _, files in os.walk(own.folder / "data" / "uploads") for f in files]
    assert not left
