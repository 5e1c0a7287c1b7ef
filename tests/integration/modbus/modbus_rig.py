# SPDX-License-Identifier: Apache-2.0
"""Independent Modbus servers in processes of their own, and the driver in another (karez-drive)."""

import json
import signal
import subprocess
import sys
from pathlib import Path

from peer_tools import drive_program, free_port, json_lines, need_node_package

HERE = Path(__file__).resolve().parent

# key: address, type of the point
POINTS = {
    "counter": ("hr:40001", "int64"),
    "real": ("hr:40003:f32", "double"),
    "swapped": ("hr:40011:i32:cdab", "int64"),
    "far": ("hr:#120", "int64"),
    "text": ("hr:40201:string[16]", "string"),
    "wide": ("hr:40301:i64", "int64"),
    "input": ("ir:30006:i16", "int64"),
    "coil": ("co:00004", "bool"),
    "discrete": ("di:10005", "bool"),
}
KEYS = list(POINTS)


class Peer:
    def __init__(self, folder, kind, framing="tcp", pause=0.37, port=0):
        self.folder, self.kind, self.framing, self.pause = Path(folder), kind, framing, pause
        self.truth_file = self.folder / "truth.jsonl"
        self.port = port
        self.start()

    def start(self):
        if self.kind == "pymodbus":
            program = [sys.executable, HERE / "pymodbus_peer.py"]
        else:
            need_node_package("modbus-serial")
            program = ["node", HERE / "modbus_serial_peer.cjs"]
            self.port = self.port or free_port()  # it takes 0 for its default, 502
        self.process = subprocess.Popen(
            [*program, str(self.port), self.truth_file, self.framing, str(self.pause)], stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline().split()
        assert line and line[0] == "port", f"{self.kind} did not start"
        self.port = int(line[1])

    def freeze(self):
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self):
        self.process.send_signal(signal.SIGCONT)

    def kill(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def lines(self):
        return json_lines(self.truth_file)

    def truth(self, key):
        return [line for line in self.lines() if line.get("key") == key]

    def written(self):
        return [line for line in self.lines() if "written" in line]


class Drive:
    """karez-drive with one link and the points above, in their order."""

    def __init__(self, folder, peer, period_ms=100, link=None, more=()):
        self.out = Path(folder) / "samples.jsonl"
        config = {"host": "127.0.0.1", "port": peer.port, "timeout_ms": 500, "reconnect_max_s": 2,
                  "framing": peer.framing, **(link or {})}
        points = [{"address": a, "type": t, "period_ms": period_ms, "access": "read_write"} for a, t in POINTS.values()]
        points += [{"period_ms": period_ms, "access": "read_write", **p} for p in more]
        plan = Path(folder) / "points.json"
        plan.write_text(json.dumps({"devices": [{"name": "d", "config": {"unit": 1}}], "points": points}))
        self.process = subprocess.Popen([drive_program(), "modbus", json.dumps(config), plan, "300", self.out],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def samples(self, place=None):
        found = json_lines(self.out)
        for s in found:
            s["time"] = int(s["time"])
        return found if place is None else [s for s in found if s["point"] == place]

    def command(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def answer(self):
        return json.loads(self.process.stdout.readline())

    def stop(self):
        self.command("stop")
        rest = self.process.communicate(timeout=60)[0]
        return json.loads(rest.strip().split("\n")[-1])

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()


def good(sample):
    return sample["quality"] >> 14 == 0


def check_against_truth(drive, peer, period_ms=100, patience_ms=500, until=None, holes=()):
    """Acceptance: each stored sample is a truth value in force between request and response (a request takes at most
    `patience_ms`); nothing held for two periods is missing, except in `holes` (pairs of ns); no two samples from one poll."""
    checked = 0
    for place, key in enumerate(KEYS):
        samples = drive.samples(place)
        truth = peer.truth(key)
        values = [s for s in samples if good(s)]
        assert values, f"{key}: no value at all"
        times = [s["time"] for s in samples]
        assert times == sorted(set(times)), f"{key}: samples out of order, or two with one time"
        for sample in values:
            request, response = sample["time"] - patience_ms * 1_000_000, sample["time"]
            in_force = [t["value"] for i, t in enumerate(truth)
                        if t["from"] <= response and (i + 1 == len(truth) or truth[i + 1]["to"] >= request)]
            assert sample["value"] in in_force, f"{key}: {sample} was never exposed then, but {in_force}"
            checked += 1
        first, last = values[0]["time"], until or values[-1]["time"]
        for now, following in zip(truth, truth[1:]):
            begin, end = now["to"], following["from"]
            inside = begin > first and end < last
            disturbed = any(begin < hole_end and end > hole_begin for hole_begin, hole_end in holes)
            if inside and not disturbed and end - begin >= 2 * period_ms * 1_000_000:
                assert any(begin <= s["time"] <= end + patience_ms * 1_000_000 and s["value"] == now["value"] for s in values), \
                    f"{key}: {now['value']} was in force for {(end - begin) / 1e6:.0f} ms and is missing"
    return checked
