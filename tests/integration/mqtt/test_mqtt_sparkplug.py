# SPDX-License-Identifier: Apache-2.0
"""The Sparkplug host against the independent sparkplug-client."""

import json

import paho.mqtt.client as paho

from peer_tools import wait_until

METRICS = {"Hydraulics/Pressure": "double", "Counters/Strokes": "int64", "Running": "bool", "Program": "string"}
POINTS = [{"address": f"Plant/Edge1/Press:{name}", "type": kind, "access": "read_write"} for name, kind in METRICS.items()]
NAMES = list(METRICS)
FIRST_AFTER_GAP, SUBSTITUTED = 8, 2


def as_set(truth):
    return {(t["metric"], t["time"] * 1_000_000, t["value"]) for t in truth}


def stored(samples):
    return [(NAMES[s["point"]], int(s["time"]), s["value"]) for s in samples if not s["flags"] & SUBSTITUTED]


def in_order(samples):
    times = {}
    for s in samples:
        if int(s["time"]) < times.get(s["point"], 0):
            return False
        times[s["point"]] = int(s["time"])
    return True


def test_every_value_once_in_order_with_time_and_quality(drive, node):
    d = drive(POINTS, link={"mode": "sparkplug", "host_id": "karez-test"})
    n = node()
    n.wait_for("born")
    d.wait_for(len(POINTS))
    n.command("data 2000")
    n.wait_for("sent")
    wanted = as_set(n.truth())
    got = stored(wait_until(lambda: len(d.samples()) >= len(wanted) and d.samples(), "all values"))
    assert set(got) == wanted
    assert len(got) == len(wanted), "a value was stored twice"
    assert in_order(d.samples())
    assert d.stop()["samples_good"] == len(wanted)


def test_a_node_that_was_there_before_is_asked_for_its_birth(drive, node):
    n = node()
    n.wait_for("born")
    d = drive(POINTS, link={"mode": "sparkplug"})
    n.wait_for("rebirth")
    d.wait_for(len(POINTS))


def test_a_lost_message_is_counted_and_answered_by_a_rebirth(drive, node):
    d = drive(POINTS, link={"mode": "sparkplug"})
    n = node()
    n.wait_for("born")
    d.wait_for(len(POINTS))
    n.command("data 10")
    n.wait_for("sent")
    n.command("skip")
    n.command("data 10")
    n.wait_for("sent", 2)
    n.wait_for("rebirth")
    wanted = as_set(n.truth())
    wait_until(lambda: set(stored(d.samples())) == wanted, "all values")
    assert len(stored(d.samples())) == len(wanted)
    assert d.stop()["lost"] == 1


def test_death_is_one_bad_sample_each_and_the_next_birth_is_first_after_gap(drive, node):
    d = drive(POINTS, link={"mode": "sparkplug"})
    first = node()
    first.wait_for("born")
    d.wait_for(len(POINTS))
    first.process.kill()  # the broker sends the will
    bad = wait_until(lambda: [s for s in d.samples(bad=True) if s["quality"] >> 14 >= 2] or None, "bad samples")
    second = node(truth="truth2.jsonl")
    second.wait_for("born")
    d.wait_for(2 * len(POINTS))
    samples = d.samples(bad=True)
    for place in range(len(POINTS)):
        mine = [s for s in samples if s["point"] == place]
        qualities = [s["quality"] for s in mine]
        lost_at = max(i for i, q in enumerate(qualities) if q >> 14 >= 2)
        assert qualities[lost_at] == 0x808A
        assert mine[lost_at + 1]["flags"] & FIRST_AFTER_GAP
        assert int(mine[lost_at + 1]["time"]) > int(mine[lost_at]["time"])
        assert sum(1 for i in range(1, len(qualities)) if qualities[i] >> 14 >= 2) <= 1
    assert bad


def test_a_write_is_done_when_the_node_reports_it(drive, node):
    d = drive(POINTS, link={"mode": "sparkplug"})
    n = node()
    n.wait_for("born")
    d.wait_for(len(POINTS))
    d.command("write 1 4711")
    assert d.answer()["outcome"] == "done"
    wait_until(lambda: any(s["value"] == 4711 for s in d.samples()), "the written value")


def test_the_primary_host_says_when_it_is_there_and_when_it_is_gone(broker, drive):
    seen = []
    watcher = paho.Client(paho.CallbackAPIVersion.VERSION2)
    watcher.on_message = lambda client, data, message: seen.append(json.loads(message.payload))
    watcher.connect("127.0.0.1", broker.port)
    watcher.subscribe("spBv1.0/STATE/karez-test", 1)
    watcher.loop_start()
    link = {"mode": "sparkplug", "host_id": "karez-test"}
    first = drive(POINTS, link=link)
    wait_until(lambda: seen and seen[-1]["online"], "online")
    first.stop()
    wait_until(lambda: not seen[-1]["online"], "offline after an orderly stop")
    second = drive(POINTS, link=link)
    wait_until(lambda: seen[-1]["online"], "online again")
    born = seen[-1]["timestamp"]
    second.kill()
    wait_until(lambda: not seen[-1]["online"], "the will")
    assert seen[-1]["timestamp"] == born, "will and birth carry the same time"
    assert [s["timestamp"] for s in seen] == sorted(s["timestamp"] for s in seen)
    watcher.disconnect()
    watcher.loop_stop()
