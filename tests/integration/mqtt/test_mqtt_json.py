# SPDX-License-Identifier: Apache-2.0
"""JSON topics through a real Mosquitto, published by the independent paho client."""

import json
import random
import subprocess
import time

import paho.mqtt.client as paho
import pytest

from mqtt_rig import Broker, Drive
from peer_tools import wait_until

POINTS = [{"address": "plant/press#/v@/ts", "type": "double"}, {"address": "plant/press#/n@/ts", "type": "int64"}]
START = 1_700_000_000_000_000_000


class Publisher:
    def __init__(self, broker, **more):
        self.client = paho.Client(paho.CallbackAPIVersion.VERSION2, protocol=paho.MQTTv5)
        self.client.max_queued_messages_set(0)
        self.client.connect("127.0.0.1", broker.port)
        self.client.loop_start()
        self.sent = 0
        self.last = None

    def send(self, count, qos=1):
        for _ in range(count):
            body = json.dumps({"v": self.sent / 8, "n": self.sent, "ts": START + self.sent * 1_000_000})
            self.last = self.client.publish("plant/press", body, qos=qos)
            self.sent += 1
        self.last.wait_for_publish(60)

    def close(self):
        self.client.disconnect()
        self.client.loop_stop()


@pytest.fixture
def publisher(broker):
    p = Publisher(broker)
    yield p
    p.close()



def numbers(samples):
    return [s["value"] for s in samples if s["point"] == 1]


@pytest.mark.parametrize("version", ["5", "3.1.1"])
@pytest.mark.parametrize("qos", [0, 1, 2])
def test_every_value_once_in_order_with_its_time(broker, drive, publisher, version, qos):
    d = drive(POINTS, link={"version": version, "qos": qos})
    # ready when a value comes through
    wait_until(lambda: publisher.send(1, 0) or d.samples(), "the first value")
    publisher.send(2000, qos)
    wait_until(lambda: numbers(d.samples()) and numbers(d.samples())[-1] == publisher.sent - 1, "the last value")
    samples = d.samples()
    got = numbers(samples)
    assert got == list(range(got[0], publisher.sent))
    assert all(int(s["time"]) == START + s["value"] * 1_000_000 for s in samples if s["point"] == 1)
    assert [s["value"] for s in samples if s["point"] == 0] == [n / 8 for n in got]


def test_nothing_acknowledged_is_lost_when_the_process_is_killed(broker, drive, publisher):
    d = drive(POINTS, out="run0.jsonl")
    wait_until(lambda: publisher.send(1, 1) or d.samples(), "the first value")
    first = numbers(d.samples())[0]
    rounds, all_samples = 10, []
    chance = random.Random(4711)
    for i in range(rounds):
        publisher.send(50, 1)
        time.sleep(chance.random() * 0.03)
        d.kill()
        all_samples += d.samples()
        publisher.send(50, 1)  # kept by the broker meanwhile
        d = drive(POINTS, out=f"run{i + 1}.jsonl")
    publisher.send(50, 1)
    wait_until(lambda: publisher.sent - 1 in numbers(d.samples()), "the last value")
    all_samples += d.samples()
    assert set(numbers(all_samples)) == set(range(first, publisher.sent))
    for s in all_samples:  # what came twice has the same time, so that the store holds it once
        if s["point"] == 1:
            assert int(s["time"]) == START + s["value"] * 1_000_000


def test_a_broken_broker_costs_one_bad_sample_and_nothing_else(broker, drive, publisher):
    d = drive(POINTS)
    wait_until(lambda: publisher.send(1, 1) or d.samples(), "the first value")
    publisher.send(20, 1)
    d.wait_for(40)
    broker.stop()
    wait_until(lambda: any(s["quality"] == 0x808A for s in d.samples(bad=True)), "the bad sample")
    assert broker.start("")
    wait_until(publisher.client.is_connected, "the publisher's connection")
    # a message counts as sent when the broker has it; the driver may not be back yet
    wait_until(lambda: publisher.send(1, 1) or d.samples()[-1]["value"] == publisher.sent - 1, "values again")
    bad = [s for s in d.samples(bad=True) if s["quality"] == 0x808A]
    assert sorted(s["point"] for s in bad) == [0, 1]
    # the times in the messages are years before the loss, so the present value is said again within a second
    wait_until(lambda: any(s["flags"] & 8 for s in d.samples()), "the first good one after the gap")


def test_a_value_that_held_still_is_good_again_after_a_break(tmp_path):
    settings = f"persistence true\npersistence_location {tmp_path}/\n"
    keeping = Broker(tmp_path, settings)
    d = Drive(tmp_path, keeping, [{"address": "still#/v@/ts", "type": "double"}])
    try:
        client = paho.Client(paho.CallbackAPIVersion.VERSION2)
        client.connect("127.0.0.1", keeping.port)
        client.loop_start()
        said = time.time_ns() - 5_000_000_000
        client.publish("still", json.dumps({"v": 1.5, "ts": said}), qos=1, retain=True).wait_for_publish(20)
        client.disconnect()
        client.loop_stop()
        first = d.wait_for(1)[0]
        assert int(first["time"]) == said
        keeping.stop()
        wait_until(lambda: any(s["quality"] == 0x808A for s in d.samples(bad=True)), "the bad sample")
        assert keeping.start(settings)
        wait_until(lambda: any(s["flags"] & 8 for s in d.samples()[1:]), "the value again")
        lost = next(s for s in d.samples(bad=True) if s["quality"] == 0x808A)
        back = d.samples()[-1]
        assert back["value"] == 1.5 and int(back["time"]) > int(lost["time"])
        assert back["flags"] & 2, "the time is ours"
        assert len(d.samples()) == 2
        d.stop()
    finally:
        d.process.kill()
        keeping.stop()


def test_a_message_too_large_for_us_does_not_end_a_link_for_ever(broker, drive, publisher):
    d = drive(POINTS, link={"version": "3.1.1", "max_packet_bytes": 4096})
    wait_until(lambda: publisher.send(1, 1) or d.samples(), "the first value")
    publisher.client.publish("plant/press", "x" * 300_000, qos=1).wait_for_publish(20)
    publisher.send(10, 1)
    wait_until(lambda: numbers(d.samples())[-1] == publisher.sent - 1, "the last value")
    got = numbers(d.samples())
    assert got == list(range(got[0], publisher.sent))
    assert {s["quality"] for s in d.samples(bad=True) if s["quality"] >> 14} == {0x8007}
    stats = d.stop()
    assert stats["reconnects"] == 0 and stats["exceptions"] == 1, stats


def test_tls_with_password_and_own_root(tmp_path, drive):
    def openssl(*arguments):
        subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True, cwd=tmp_path)

    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
            "/CN=Test", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", "key.pem", "-out", "cert.pem")
    subprocess.run(["mosquitto_passwd", "-b", "-c", "users", "karez", "secret"], check=True, cwd=tmp_path)
    settings = (f"certfile {tmp_path}/cert.pem\nkeyfile {tmp_path}/key.pem\n"
                f"password_file {tmp_path}/users\nallow_anonymous false\n")
    secure = Broker(tmp_path, settings)
    try:
        root = (tmp_path / "cert.pem").read_text()
        link = {"tls": True, "ca_pem": root, "user": "karez", "password": "secret"}
        d = Drive(tmp_path, secure, [{"address": "t", "type": "int64"}], link=link)
        client = paho.Client(paho.CallbackAPIVersion.VERSION2)
        client.username_pw_set("karez", "secret")
        client.tls_set(ca_certs=str(tmp_path / "cert.pem"))
        client.connect("127.0.0.1", secure.port)
        client.loop_start()
        wait_until(lambda: client.publish("t", "7", qos=1).wait_for_publish(5) or d.samples(), "a value over TLS")
        client.disconnect()
        client.loop_stop()
        d.stop()
    finally:
        secure.stop()
