# SPDX-License-Identifier: Apache-2.0
"""What was acknowledged is there after kill -9: line protocol over HTTP, and MQTT QoS 1 through a broker."""

import http.client
import json
import os
import random
import threading
import time
import urllib.error

import pytest

START = 1_790_000_000_000_000_000
SERIES = 5


def keep_writing(platform, state, stop):
    """Posts batches with ever new times; counts a batch only when it was answered with 204."""
    while not stop.is_set():
        batch = state["next"]
        lines = "\n".join(f"load,s={s} v={batch * 20 + i} {START + (batch * 20 + i) * 1_000_000}" for s in range(SERIES) for i in range(20))
        state["next"] += 1
        state["sent"].append(batch)
        try:
            platform.call("POST", "/api/v2/write?bucket=x&precision=ns", lines.encode(), timeout=10)
            state["acknowledged"].append(batch)
        except (urllib.error.URLError, http.client.HTTPException, OSError):
            return


def check(platform, state):
    points = [p for p in platform.call("GET", platform.tenant_path("points?q=load*&limit=100"))["items"]]
    points = points or platform.call("GET", platform.tenant_path("points?limit=100"))["items"]
    assert len(points) == SERIES
    lost = 0
    for point in points:
        found = platform.history(point["id"], START, START + state["next"] * 20 * 1_000_000)
        for batch in state["acknowledged"]:
            for i in range(batch * 20, batch * 20 + 20):
                if found.get(START + i * 1_000_000) != i:
                    lost += 1
        assert set(found) <= {START + (b * 20 + i) * 1_000_000 for b in state["sent"] for i in range(20)}, "a sample nobody sent"
    return lost


def kills(platform, count, seed):
    chance = random.Random(seed)
    state = {"next": 0, "sent": [], "acknowledged": []}
    slowest = 0.0
    for _ in range(count):
        stop = threading.Event()
        writers = [threading.Thread(target=keep_writing, args=(platform, state, stop))]
        for w in writers:
            w.start()
        time.sleep(chance.uniform(0.05, 0.6))
        platform.kill()
        stop.set()
        for w in writers:
            w.join()
        platform.start()
        slowest = max(slowest, platform.took)
    lost = check(platform, state)
    samples = len(state["acknowledged"]) * 20 * SERIES
    print(f"{count} kills, {samples} samples acknowledged, {lost} lost, slowest start {slowest:.2f} s, seed {seed}")
    assert len(state["acknowledged"]) > count, "too little load to prove anything"
    assert lost == 0


def test_acknowledged_line_protocol_survives_kills(platform):
    kills(platform, 5, 20261124)


@pytest.mark.long
def test_acknowledged_line_protocol_survives_thirty_kills(platform):
    kills(platform, 30, int(os.environ.get("KAREZ_SEED", "20261125")))


def mqtt_kills(platform, tmp_path, count):
    import paho.mqtt.client as paho
    from mqtt_rig import Broker
    broker = Broker(tmp_path)
    equipment = platform.call("GET", platform.tenant_path("equipment?limit=1"))["items"][0]["id"]
    made = platform.call("POST", platform.tenant_path("devices/wizard"), {
        "link": {"new": {"name": "mqtt", "driver": "mqtt", "config": {"host": "127.0.0.1", "port": broker.port, "qos": 1}}},
        "device": {"name": "press", "class": "production_equipment", "equipment": equipment, "origin": "simulated", "config": {}},
        "points": [{"name": "n", "address": "plant/press#/n@/ts", "type": "int64"}]})
    device = made["device"]["id"]
    point = platform.call("GET", platform.tenant_path(f"points?device={device}"))["items"][0]["id"]
    publisher = paho.Client(paho.CallbackAPIVersion.VERSION2, protocol=paho.MQTTv5)
    publisher.max_queued_messages_set(0)
    publisher.connect("127.0.0.1", broker.port)
    publisher.loop_start()
    chance, sent, stop = random.Random(7), [0], threading.Event()

    def publish():
        while not stop.is_set():
            n = sent[0]
            publisher.publish("plant/press", json.dumps({"n": n, "ts": START + n * 1_000_000}), qos=1).wait_for_publish(30)
            sent[0] += 1

    # The broker keeps the session from the first subscription on; only then does a message count.
    deadline = time.monotonic() + 20
    while platform.call("GET", platform.tenant_path("links?limit=1"))["items"][0]["state"] != "online":
        assert time.monotonic() < deadline
        time.sleep(0.05)
    thread = threading.Thread(target=publish)
    thread.start()
    try:
        for _ in range(count):
            time.sleep(chance.uniform(0.05, 0.5))
            platform.kill()
            platform.start()
        time.sleep(1)
    finally:
        stop.set()
        thread.join()
    deadline = time.monotonic() + 60
    while True:
        found = platform.history(point, START, START + sent[0] * 1_000_000)
        missing = [n for n in range(sent[0]) if found.get(START + n * 1_000_000) not in (n, str(n))]
        if not missing or time.monotonic() > deadline:
            break
        time.sleep(0.5)
    publisher.disconnect()
    publisher.loop_stop()
    broker.stop()
    print(f"{count} kills, {sent[0]} messages acknowledged by the broker, {len(missing)} missing")
    assert sent[0] > count * 2
    assert missing == []


def test_mqtt_qos1_loses_nothing_over_kills(platform, tmp_path):
    mqtt_kills(platform, tmp_path, 5)


@pytest.mark.long
def test_mqtt_qos1_loses_nothing_over_fifty_kills(platform, tmp_path):
    mqtt_kills(platform, tmp_path, 50)
