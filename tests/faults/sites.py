# SPDX-License-Identifier: Apache-2.0
"""One peer with what stands around it, the same to every fault: start, end, freeze, changing values, truth."""

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
for part in ("", "modbus", "opcua", "mqtt", "api"):
    sys.path.insert(0, str(ROOT / "tests/integration" / part))

import modbus_rig  # noqa: E402
import mqtt_rig  # noqa: E402
import opcua_rig  # noqa: E402
from drive import BACKFILLED, Drive, FIRST_AFTER_GAP, GAP, SUBSTITUTED, good  # noqa: E402
from peer_tools import free_port, json_lines, need_node_package, wait_until  # noqa: E402
from proxy import Proxy  # noqa: E402

opcua_rig.Cable = Proxy


class Site:
    """What a fault may rely on. `points` for karez-drive; `changing`: the places whose values change by themselves."""

    driver = kind = None
    timeout, period = 1.0, 0.1  # seconds until one missing answer is noticed; between two questions
    loss_patience = 3  # times (timeout + period)

    def __init__(self, folder, kind):
        self.folder, self.kind = Path(folder), kind
        self.drive, self.paused, self.over = None, threading.Event(), threading.Event()
        self.ticker = None

    # peer -------------------------------------------------------------------------------------------------------------
    def processes(self):
        """Of the server the driver talks with."""
        raise NotImplementedError

    def freeze(self):
        for process in self.processes():
            os.kill(process.pid, 19)

    def thaw(self):
        for process in self.processes():
            os.kill(process.pid, 18)

    def tick(self):
        """New values."""

    def begin_ticking(self, pause=0.2):
        def run():
            while not self.over.wait(pause):
                if not self.paused.is_set():
                    try:
                        self.tick()
                    except (OSError, ValueError, AssertionError):
                        pass  # it is dead just now
        self.ticker = threading.Thread(target=run, daemon=True)
        self.ticker.start()

    # driver -----------------------------------------------------------------------------------------------------------
    def link(self, **more):
        raise NotImplementedError

    def devices(self):
        return [{"name": "d", "config": {}}]

    def begin_drive(self, more=(), link=None, environment=None, points=None, devices=None, wait=True):
        points = (self.points if points is None else points) + list(more)
        self.drive = Drive(self.folder, self.driver, self.link(**(link or {})), devices or self.devices(), points,
                           environment)
        if wait:
            self.wait_good(0, "first values")
        return self.drive

    def wait_good(self, since, what, patience=90, places=None):
        """All changing points have a good sample after the first `since` lines; the seconds it took."""
        begin = time.monotonic()
        places = self.changing if places is None else places
        wait_until(lambda: self.drive.good_since(since, places), what, patience)
        return time.monotonic() - begin

    def is_loss(self, sample):
        """Our own word for a device out of reach."""
        return bool(sample["flags"] & GAP)

    def wait_lost(self, since, what, patience, places=None):
        """Each point has a bad sample after the first `since` lines; the seconds it took."""
        begin = time.monotonic()
        places = self.changing if places is None else places

        def lost():
            bad = {s["point"] for s in self.drive.samples()[since:] if self.is_loss(s)}
            return all(place in bad for place in places)
        wait_until(lost, what, patience)
        return time.monotonic() - begin

    def lost_once(self, since, places=None, times=1):
        """After `since` each point has exactly `times` samples of loss, and each first value after it is flagged."""
        wrong = []
        for place in self.changing if places is None else places:
            after = [s for s in self.drive.samples()[since:] if s["point"] == place]
            gaps = [i for i, s in enumerate(after) if self.is_loss(s)]
            if len(gaps) != times:
                wrong.append(f"point {place}: {len(gaps)} samples of loss, not {times}")
            for i in gaps:
                back = next((s for s in after[i + 1:] if s["quality"] >> 14 < 2), None)  # the first that is not bad
                if back and not back["flags"] & FIRST_AFTER_GAP:
                    wrong.append(f"point {place}: the first value after the loss is not flagged")
        assert not wrong, "; ".join(wrong[:4])

    def check_values(self):
        """No stored value that the peer never had; the number checked."""
        raise NotImplementedError

    def check_order(self):
        """Times go forward in each point, except for values marked as older than what is known."""
        last = {}
        for s in self.drive.samples():
            if s["flags"] & BACKFILLED:
                continue
            assert s["time"] >= last.get(s["point"], 0), f"time goes back: {s} after {last[s['point']]}"
            last[s["point"]] = s["time"]

    def close(self):
        self.over.set()
        if self.drive:
            self.drive.kill()


class ModbusSite(Site):
    driver, timeout, period, pause = "modbus", 0.5, 0.1, 0.37
    patience_ms = 2500

    def __init__(self, folder, kind, framing="tcp"):
        super().__init__(folder, kind)
        self.framing = framing
        self.points = [{"address": a, "type": t, "period_ms": 100, "access": "read_write"}
                       for a, t in modbus_rig.POINTS.values()]
        self.changing = list(range(len(self.points)))
        self.peer = None

    def start(self, environment=None):
        with changed_environment(environment):
            if self.peer is None:
                self.peer = modbus_rig.Peer(self.folder, self.kind, framing=self.framing, pause=self.pause)
                self.proxy = Proxy(self.peer.port)
            else:
                self.peer.start()

    def processes(self):
        return [self.peer.process]

    def kill(self):
        self.peer.kill()

    def link(self, **more):
        return {"host": "127.0.0.1", "port": self.proxy.port, "timeout_ms": 500, "reconnect_max_s": 2,
                "framing": self.framing, **more}

    def devices(self):
        return [{"name": "d", "config": {"unit": 1}}]

    def check_values(self):
        """In force between request and response, with room for a loaded machine."""
        return modbus_rig.check_against_truth(self.drive, self.peer, patience_ms=self.patience_ms, holes=[(0, 1 << 63)])

    def close(self):
        super().close()
        if self.peer:
            self.proxy.close()
            self.peer.kill()


class OpcuaSite(Site):
    driver, timeout, period = "opcua", 2.0, 0.1
    NODES = ["boolean", "int16", "int32", "int64", "float", "double", "string", "guid"]
    OURS = (0x8005, 0x800A, 0x8034, 0x808A)  # BadCommunicationError, BadTimeout, BadNodeIdUnknown, BadNotConnected

    def __init__(self, folder, kind):
        super().__init__(folder, kind)
        self.points = [{**opcua_rig.point(node), "device": 0} for node in self.NODES]
        self.changing = list(range(len(self.NODES)))
        self.peer, self.lock, self.many = None, threading.Lock(), 0

    def start(self, environment=None):
        with changed_environment(environment):
            if self.peer is None:
                opcua_rig.Peer.MANY = {self.kind: self.many}
                self.peer = opcua_rig.Peer(self.folder, self.kind)
                self.proxy = self.peer.cable
            self.peer.listen()
        self.paused.clear()

    def processes(self):
        return [self.peer.talker.process]

    def kill(self, prepare=None):
        """`prepare`: a command for the successor."""
        self.paused.set()  # until it is there again
        self.peer.get_ready()
        if prepare:
            self.peer.next.tell(prepare)
        with self.lock:
            self.peer.kill()

    def tick(self):
        with self.lock:
            if not self.paused.is_set():
                self.peer.change(1)

    def read(self, node):
        with self.lock:
            return self.peer.read(node)

    def link(self, **more):
        return {"endpoint": self.peer.endpoint_by_cable, "publishing_ms": 100, "timeout_ms": 2000, "queue_size": 1000,
                "every_change": True, **more}

    def is_loss(self, sample):  # the peer has statuses without a value as well
        return bool(sample["flags"] & GAP) and sample["quality"] in self.OURS

    def told(self, place, value):
        if value is None or isinstance(value, bool):
            return value
        kind = self.drive.points[place]["type"]
        return float(value) if kind == "double" else str(value)

    def check_values(self):
        checked, samples = 0, self.drive.samples()[:]  # before the truth, which goes on
        for place, node in enumerate(self.NODES):
            truth = {(time, self.told(place, value), quality) for time, value, quality in self.peer.truth(node)}
            values = {(value, quality) for _, value, quality in truth}
            for s in samples:
                if s["point"] != place or self.is_loss(s):
                    continue
                value = None if s["flags"] & GAP else self.told(place, s["value"])
                if s["flags"] & SUBSTITUTED:
                    assert (value, s["quality"]) in values, f"{node}: {s} was never exposed"
                else:
                    assert (s["time"], value, s["quality"]) in truth, f"{node}: {s} was never exposed"
                checked += 1
        return checked

    def close(self):
        super().close()
        if self.peer:
            self.peer.end()


class PyNode(mqtt_rig.SparkplugNode):
    def __init__(self, folder, broker, truth="truth.jsonl"):
        python = os.environ.get("KAREZ_SPARKPLUG_PYTHON") or ROOT / "build/venv-sparkplug/bin/python"
        assert Path(python).exists(), "pysparkplug is not installed: tools/faults sets it up"
        self.truth_file = Path(folder) / truth
        self.process = subprocess.Popen([python, Path(__file__).with_name("pysparkplug_node.py"), str(broker.port),
                                         self.truth_file], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        stderr=open(Path(folder) / "node.log", "ab"))
        self.lines = []
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()


class MqttSite(Site):
    """Mosquitto is the server for both peers; what is independent are the edge nodes."""

    driver, timeout, period = "mqtt", 5.0, 0.0  # keep alive; half of it without an answer counts as loss
    METRICS = {"Hydraulics/Pressure": "double", "Counters/Strokes": "int64", "Running": "bool", "Program": "string"}

    def __init__(self, folder, kind):
        super().__init__(folder, kind)
        self.points = [{"address": f"Plant/Edge1/Press:{name}", "type": t, "access": "read_write", "period_ms": 100}
                       for name, t in self.METRICS.items()]
        self.names = list(self.METRICS)
        self.changing = [0, 1]  # the others change now and then
        self.broker, self.nodes = None, []

    def start(self, environment=None):
        if self.broker is None:
            self.broker = mqtt_rig.Broker(self.folder)
            self.proxy = Proxy(self.broker.port)
        elif self.broker.process.poll() is not None:
            assert self.broker.start(""), "Mosquitto did not start again"
        if not self.nodes or self.nodes[-1].process.poll() is not None:
            make = mqtt_rig.SparkplugNode if self.kind == "sparkplug-client" else PyNode
            with changed_environment(environment):  # the clock is the device's, not the broker's
                self.nodes.append(make(self.folder, self.broker, truth=f"truth{len(self.nodes)}.jsonl"))
            self.nodes[-1].wait_for("born")

    def processes(self):
        return [self.broker.process]

    def kill_broker(self):
        self.broker.process.kill()
        self.broker.process.wait()

    def kill(self):
        """Device and server at once: the edge node does not come back by itself."""
        self.kill_node()
        self.kill_broker()

    def kill_node(self):
        self.nodes[-1].process.kill()
        self.nodes[-1].process.wait()

    def tick(self):
        self.nodes[-1].command("data 7")

    def link(self, **more):
        return {"host": "127.0.0.1", "port": self.proxy.port, "client_id": "karez-under-test", "mode": "sparkplug",
                "host_id": "karez-test", "keep_alive_s": 5, **more}

    def truth(self):
        found = []
        for node in self.nodes:
            found += json_lines(node.truth_file)
        return found

    def check_values(self):
        samples = self.drive.samples()[:]  # before the truth, which goes on
        truth = {(t["metric"], t["time"] * 1_000_000, json.dumps(t["value"])) for t in self.truth()}
        values = {(metric, value) for metric, _, value in truth}
        numbers = {(m, float(json.loads(v))) for m, v in values if self.METRICS.get(m) in ("double", "int64")}
        checked = 0
        for s in samples:
            if not good(s) or s["point"] >= len(self.names):
                continue
            name = self.names[s["point"]]
            if self.METRICS[name] in ("double", "int64"):
                assert (name, float(s["value"])) in numbers, f"{name}: {s} was never sent"
            elif not s["flags"] & SUBSTITUTED:
                assert (name, s["time"], json.dumps(s["value"])) in truth, f"{name}: {s} was never sent"
            checked += 1
        return checked

    def close(self):
        super().close()
        for node in self.nodes:
            node.process.kill()
            node.process.wait()
        if self.broker:
            self.proxy.close()
            if self.broker.process.poll() is None:
                self.broker.process.send_signal(18)
                self.broker.process.kill()
            self.broker.process.wait()


class changed_environment:
    """For the processes started meanwhile. One cell runs in one process, so nobody else is touched."""

    def __init__(self, values):
        self.values = values or {}

    def __enter__(self):
        self.before = dict(os.environ)
        os.environ.update(self.values)

    def __exit__(self, *_):
        os.environ.clear()
        os.environ.update(self.before)


SITES = {"modbus": (ModbusSite, ["pymodbus", "modbus-serial"]), "opcua": (OpcuaSite, ["asyncua", "node-opcua"]),
         "mqtt": (MqttSite, ["sparkplug-client", "pysparkplug"])}

__all__ = ["SITES", "free_port", "need_node_package", "wait_until"]
