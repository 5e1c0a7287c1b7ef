# SPDX-License-Identifier: Apache-2.0
"""Independent OPC UA servers in processes of their own, and what the platform stored of them."""

import json
import socket
import sys
import threading
from datetime import datetime, timezone
from pathlib import Path

from peer_tools import Talker, free_port, json_lines, need_node_package, wait_until

HERE = Path(__file__).resolve().parent
NAMESPACE = "urn:test:plant"
KINDS = ["asyncua", "node-opcua"]
TYPES = {"boolean": "bool", "float": "double", "double": "double", "string": "string", "localized": "string",
         "datetime": "string", "guid": "string", "label": "string"}  # all others: int64
CHANGING = ["boolean", "sbyte", "byte", "int16", "uint16", "int32", "uint32", "int64", "uint64", "float", "double", "string",
            "localized", "datetime", "guid"]
SUBSTITUTED, FIRST_AFTER_GAP, GAP = 2, 8, 16
NOT_CONNECTED = 0x808A
ALL_TIME = {"from": "1980-01-01T00:00:00Z", "to": "2200-01-01T00:00:00Z", "limit": 10000}


def ns_of(text):
    whole, _, fraction = text.rstrip("Z").partition(".")
    seconds = datetime.fromisoformat(whole).replace(tzinfo=timezone.utc).timestamp()
    return int(seconds) * 1_000_000_000 + int((fraction or "0").ljust(9, "0"))


def compared(node, value):
    """A large whole number is read as int, which compares more digits than a double has."""
    return float(value) if TYPES.get(node) == "double" and value is not None else value


class Cable:
    """Between the platform and a server; `cut` breaks what runs over it, the server lives on."""

    def __init__(self, port):
        self.server_port, self.ends = port, []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        try:
            while True:
                near, _ = self.listener.accept()
                far = socket.create_connection(("127.0.0.1", self.server_port))
                self.ends += [near, far]
                for one, other in ((near, far), (far, near)):
                    threading.Thread(target=self.carry, args=(one, other), daemon=True).start()
        except OSError:
            pass  # closed

    @staticmethod
    def carry(one, other):
        try:
            while data := one.recv(65536):
                other.sendall(data)
        except OSError:
            pass
        for end in (one, other):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def cut(self):
        for end in self.ends:
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def close(self):
        self.cut()
        self.listener.close()


class Peer:
    """One server; `listen` once it is wanted. `get_ready` makes a successor, for a restart. `host` and `path` are what it
    calls itself; it listens on 127.0.0.1 whatever they say."""

    # Variables of the large folder, more than node-opcua tells in one answer; asyncua tells all at once.
    MANY = {"asyncua": 400, "node-opcua": 1200}

    def __init__(self, folder, kind, many=None, host="127.0.0.1", path="/plant"):
        self.folder, self.kind, self.port = Path(folder), kind, free_port()
        self.many, self.host, self.path = self.MANY[kind] if many is None else many, host, path
        self.truth_file = self.folder / "truth.jsonl"
        self.truth_size, self.truths = 0, {}
        self.cable = Cable(self.port)
        self.endpoint = f"opc.tcp://127.0.0.1:{self.port}/plant"
        self.endpoint_by_cable = f"opc.tcp://127.0.0.1:{self.cable.port}/plant"
        self.talker, self.next = None, self.build(self.many)

    def build(self, many):
        if self.kind == "asyncua":
            program = [sys.executable, HERE / "asyncua_peer.py"]
        else:
            need_node_package("node-opcua-server")
            program = ["node", HERE / "node_opcua_peer.cjs"]
        return Talker(*program, str(self.port), self.truth_file, self.endpoint_by_cable, str(many),
                      self.host, self.path)

    def get_ready(self):
        self.next = self.build(0)  # the large folder takes seconds, and no restart needs it

    def kill(self):
        """Once the successor is there, so that the server is away for a moment only."""
        self.next.hear("built")
        self.next.lines.put("built")
        self.talker.kill()

    def listen(self):
        self.talker, self.next = self.next, None
        self.talker.hear("built")
        self.talker.tell("listen")
        self.talker.hear("ready")

    def change(self, count):
        self.talker.tell(f"change {count}")
        self.talker.hear("changed")

    def read(self, node):
        self.talker.tell(f"read {node}")
        return json.loads(self.talker.hear())

    def end(self):
        self.cable.close()
        for talker in (self.talker, self.next):
            if talker:
                talker.kill()

    def truth(self, node):
        """(time, value, quality) of each value the node had; what was read once is kept."""
        size = self.truth_file.stat().st_size
        if size != self.truth_size:
            self.truth_size, self.truths = size, {}
            for line in json_lines(self.truth_file):
                self.truths.setdefault(line["node"], []).append(
                    (line["time"], compared(line["node"], line["value"]), line["status"] >> 16))
        return self.truths[node]


class Source:
    """A saved link with its points; what is stored of them by name."""

    def __init__(self, owner, site, name, config, points):
        self.owner = owner
        made = owner.post("devices/wizard", {
            "link": {"new": {"name": name, "driver": "opcua", "config": config}},
            "device": {"name": name, "class": "control_system", "equipment": site, "origin": "simulated"},
            "points": points}).json()
        self.link = made["link"]["id"]
        rows = owner.get("points", params={"device": made["device"]["id"], "limit": 1000}).json()["items"]
        self.ids = {row["name"]: row["id"] for row in rows}
        self.types = {row["name"]: row["type"] for row in rows}

    def stats(self):
        return self.owner.get(f"links/{self.link}/stats").json()

    def state(self):
        return self.owner.get(f"links/{self.link}").json()

    def latest(self, node):
        return self.owner.get("values", params={"points": self.ids[node]}).json()["items"][0]

    def write(self, node, value):
        return self.owner.post(f"points/{self.ids[node]}/write", {"value": value}, 200).json()

    def samples(self, node):
        """The history. It is long, and `newest` holds the same answer to the contract."""
        found, cursor = [], {}
        path = self.owner.path(f"history/{self.ids[node]}/raw")
        while True:
            page = self.owner.http.get(path, params={**ALL_TIME, **cursor}).raise_for_status().json()
            found += page["items"]
            if page["next_cursor"] is None:
                return found
            cursor = {"cursor": page["next_cursor"]}

    def stored(self, node, samples=None):
        """(time, value, quality) of each sample, in the form of the truth."""
        return [(ns_of(s["t"]), str(ns_of(s["v"])) if node == "datetime" and s["v"] else compared(node, s["v"]), s["q"])
                for s in samples or self.samples(node)]

    def newest(self, node):
        """The stored sample with the latest time, or None."""
        found = self.owner.get(f"history/{self.ids[node]}/raw", params={**ALL_TIME, "order": "desc", "limit": 1}).json()["items"]
        return found[0] if found else None

    def wait_for_first(self):
        wait_until(lambda: all(self.newest(node) for node in self.ids), "first values", 60)

    def wait_for_time(self, node, time):
        """Until a sample at or after `time` is stored."""
        wait_until(lambda: ns_of(self.newest(node)["t"]) >= time, f"{node} up to {time}", 60)

    def close(self):
        self.owner.post(f"links/{self.link}/disable", status=200)


def point(node, **more):
    return {"name": node, "address": f"nsu={NAMESPACE};s={node}", "type": TYPES.get(node, "int64"), "period_ms": 100, **more}
