# SPDX-License-Identifier: Apache-2.0
"""karez-drive for any driver: what it stored, which states it went through, what it used."""

import json
import os
import subprocess
import threading
import time
from pathlib import Path

from peer_tools import drive_program

BACKFILLED, SUBSTITUTED, FIRST_AFTER_GAP, GAP = 1, 2, 8, 16


def good(sample):
    return sample["quality"] >> 14 == 0 and not sample["flags"] & GAP


class Drive:
    def __init__(self, folder, driver, link, devices, points, environment=None, seconds=900):
        self.folder, self.points = Path(folder), points
        self.out, self.log = self.folder / "samples.jsonl", self.folder / "drive.log"
        self.devices = devices
        self.process = subprocess.Popen(
            [drive_program(), driver, json.dumps(link), self.plan(points), str(seconds), self.out],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=open(self.log, "wb"), text=True,
            env={**os.environ, **(environment or {})})
        self.answers, self.got = [], threading.Condition()
        threading.Thread(target=self.listen, daemon=True).start()
        self.position, self.seen, self.rest = 0, [], ""

    def plan(self, points):
        plan = self.folder / f"points{time.monotonic_ns()}.json"
        plan.write_text(json.dumps({"devices": self.devices, "points": points}))
        return plan

    def listen(self):
        for line in self.process.stdout:
            with self.got:
                self.answers.append(json.loads(line))
                self.got.notify_all()
        with self.got:
            self.answers.append(None)
            self.got.notify_all()

    def answer(self, patience=60):
        with self.got:
            assert self.got.wait_for(lambda: self.answers, patience), f"karez-drive did not answer in {patience} s"
            found = self.answers.pop(0)
        assert found is not None, f"karez-drive ended with {self.process.wait()}"
        return found

    def command(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def write(self, place, value, patience=60):
        self.command(f"write {place} {value}")
        return self.answer(patience)

    def map(self, points):
        self.points = points
        self.command(f"map {self.plan(points)}")
        assert self.answer() == {"map": True}

    def samples(self, place=None):
        """All so far; the file is read on from where it was."""
        if self.out.exists():
            with open(self.out) as file:
                file.seek(self.position)
                text = self.rest + file.read()
                self.position = file.tell()
            *lines, self.rest = text.split("\n")
            for line in lines:
                sample = json.loads(line)
                sample["time"], sample["received"] = int(sample["time"]), int(sample["received"])
                sample["place"] = len(self.seen)
                self.seen.append(sample)
        return self.seen if place is None else [s for s in self.seen if s["point"] == place]

    def good_since(self, count, places):
        """Each of `places` has a good sample beyond the first `count` lines."""
        fresh = {s["point"] for s in self.samples()[count:] if good(s)}
        return all(place in fresh for place in places)

    def alive(self):
        return self.process.poll() is None

    def memory(self):
        """Resident bytes."""
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS"):
                return int(line.split()[1]) * 1024
        return 0

    def files(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def cpu(self):
        """Seconds used."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def log_lines(self):
        return self.log.read_text(errors="replace").splitlines()

    def stop(self):
        self.command("stop")
        with self.got:
            assert self.got.wait_for(lambda: self.answers and (self.answers[-1] is None or "requests" in self.answers[-1]), 60)
            stats = [a for a in self.answers if a and "requests" in a]
        code = self.process.wait(60)
        assert code == 0 and stats, f"karez-drive ended with {code}: {self.log_lines()[-3:]}"
        return stats[0]

    def kill(self):
        if self.alive():
            self.process.kill()
        self.process.wait()


__all__ = ["BACKFILLED", "Drive", "FIRST_AFTER_GAP", "GAP", "SUBSTITUTED", "good"]
