#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""2,000,000 points of 10,000 series by InfluxDB line protocol in the live pattern (one sample of every series a round),
two clients, into Karez (every 204 durable) and into VictoriaMetrics (which acknowledges before its data are on disk) in
the same run, alternating. Prints a table and writes bench/results/line_protocol.json.

Usage: bench/line_protocol.py [--rounds 3] [--karez build/release/bin/karez] [--no-save]
"""

import argparse
import contextlib
import http.client
import json
import os
import platform
import shutil
import socket
import statistics
import subprocess
import tempfile
import threading
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SERIES, ROUNDS, CLIENTS, PER_REQUEST = 10_000, 200, 2, 5_000
START = 1_790_000_000_000


def bodies(client):
    """Requests of one client: its half of the series, one round after the other."""
    mine = range(client * SERIES // CLIENTS, (client + 1) * SERIES // CLIENTS)
    for r in range(ROUNDS):
        stamp = START + r * 1000
        for at in range(0, len(mine), PER_REQUEST):
            yield "\n".join(f"cpu,host=h{s // 10},core=c{s % 10} v={(s * 7 + r * 13) % 1000 / 10} {stamp}" for s in mine[at:at + PER_REQUEST]).encode()


def load(port, path, headers):
    prepared = [list(bodies(c)) for c in range(CLIENTS)]
    failures = []

    def send(c):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        for body in prepared[c]:
            connection.request("POST", path, body, headers)
            answer = connection.getresponse()
            text = answer.read()
            if answer.status != 204:
                failures.append((answer.status, text[:200]))
                return

    threads = [threading.Thread(target=send, args=(c,)) for c in range(CLIENTS)]
    began = time.monotonic()
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    took = time.monotonic() - began
    if failures:
        raise SystemExit(f"refused: {failures[0]}")
    return SERIES * ROUNDS / took


def cpu_seconds(pid):
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def disk_bytes(folder):
    return sum(f.stat().st_size for f in Path(folder).rglob("*") if f.is_file())


@contextlib.contextmanager
def running(command, **options):
    """A process that is gone afterwards, whatever happened; told to stop first, killed when it does not."""
    process = subprocess.Popen(command, **options)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def result(rate, cpu, folder):
    points = SERIES * ROUNDS
    return {"points_per_s": rate, "cpu_us_per_point": cpu / points * 1e6, "bytes_per_point": disk_bytes(folder) / points}


def run_karez(program):
    with tempfile.TemporaryDirectory() as folder:
        command = [program, "serve", "--data", f"{folder}/data", "--http-port", "0", "--ready-json", "--log-level", "error"]
        with running(command, stdout=subprocess.PIPE, text=True) as process:
            line = process.stdout.readline()
            if not line:
                raise SystemExit(f"{program} did not start")
            ready = json.loads(line)
            headers = {"Content-Type": "application/json"}

            def call(method, path, body, more={}):
                request = urllib.request.Request(ready["url"] + path, json.dumps(body).encode(), {**headers, **more}, method=method)
                with urllib.request.urlopen(request, timeout=60) as answer:
                    return json.loads(answer.read()), answer.headers.get("Set-Cookie", "").split(";")[0]

            session, cookie = call("POST", "/api/v1/session", {"user": "admin", "password": ready["one_time_password"]})
            own = {"Cookie": cookie, "X-Karez-CSRF": session["csrf"]}
            changed, fresh = call("POST", "/api/v1/session/password", {"old": ready["one_time_password"], "new": "a quiet river in spring"}, own)
            own = {"Cookie": fresh or cookie, "X-Karez-CSRF": changed["csrf"]}
            token = call("POST", f"/api/v1/t/{session['tenants'][0]['id']}/tokens", {"name": "bench", "role": "owner"}, own)[0]["secret"]
            before = cpu_seconds(process.pid)
            rate = load(ready["port"], "/api/v2/write?bucket=b&precision=ms", {"Authorization": f"Token {token}"})
            cpu = cpu_seconds(process.pid) - before
        return result(rate, cpu, f"{folder}/data/history")   # after the stop, when all is on disk


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def run_victoria(program):
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        command = [program, f"-storageDataPath={folder}/data", f"-httpListenAddr=127.0.0.1:{port}", "-retentionPeriod=100y", "-loggerLevel=ERROR"]
        with running(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            for _ in range(200):
                if process.poll() is not None:
                    raise SystemExit(f"{program} ended with {process.returncode}")
                try:
                    urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5).close()
                    break
                except OSError:
                    time.sleep(0.05)
            else:
                raise SystemExit(f"{program} does not answer")
            before = cpu_seconds(process.pid)
            rate = load(port, "/write?db=b&precision=ms", {})
            cpu = cpu_seconds(process.pid) - before
            for call in ("flush", "merge"):
                urllib.request.urlopen(f"http://127.0.0.1:{port}/internal/force_{call}", timeout=60).close()
            time.sleep(2)   # the merge goes on after the answer
        return result(rate, cpu, f"{folder}/data")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--karez", default=str(ROOT / "build/release/bin/karez"))
    parser.add_argument("--no-save", action="store_true", help="print only; for a machine that is busy with other things")
    asked = parser.parse_args()
    if not Path(asked.karez).exists():
        raise SystemExit(f"{asked.karez} is missing: make build, or name another with --karez")
    victoria = shutil.which("victoria-metrics")
    if victoria is None:
        raise SystemExit("victoria-metrics is not installed: tools/setup bench")
    results = {"karez": [], "victoria-metrics": []}
    for r in range(asked.rounds):
        results["karez"].append(run_karez(asked.karez))
        results["victoria-metrics"].append(run_victoria(victoria))
        print(f"round {r + 1} of {asked.rounds}", flush=True)
    table = {name: {key: statistics.median(run[key] for run in runs) for key in runs[0]} for name, runs in results.items()}
    for name, row in table.items():
        print(f"{name:18} {row['points_per_s'] / 1e6:6.2f} M points/s  {row['cpu_us_per_point']:6.2f} us CPU/point  {row['bytes_per_point']:6.2f} bytes/point")
    version = subprocess.run(["dpkg-query", "-W", "victoria-metrics"], capture_output=True, text=True).stdout.strip()
    if asked.no_save:
        return
    out = ROOT / "bench/results"
    out.mkdir(parents=True, exist_ok=True)
    (out / "line_protocol.json").write_text(json.dumps({
        "points": SERIES * ROUNDS, "series": SERIES, "clients": CLIENTS, "rounds": asked.rounds, "machine": f"{os.cpu_count()} cores, {platform.machine()}",
        "peer": version, "durable": {"karez": True, "victoria-metrics": False}, "median": table, "runs": results}, indent=1) + "\n")


if __name__ == "__main__":
    main()
