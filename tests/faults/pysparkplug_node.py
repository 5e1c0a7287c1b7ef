# SPDX-License-Identifier: Apache-2.0
"""An edge node of the independent library pysparkplug, with the commands, words and truth lines of sparkplug_node.cjs.

    pysparkplug_node.py PORT TRUTH

It has a Python environment of its own, since the library wants an older paho.
"""

import json
import sys
import threading
import time

from pysparkplug import DataType, Device, EdgeNode, Metric, MQTTError

port, truth = int(sys.argv[1]), open(sys.argv[2], "a")
TYPES = {"Hydraulics/Pressure": DataType.DOUBLE, "Counters/Strokes": DataType.INT32, "Running": DataType.BOOLEAN,
         "Program": DataType.STRING}
state = {"Hydraulics/Pressure": 100.5, "Counters/Strokes": -5, "Running": True, "Program": "Deckel-A"}
clock, step, missing, held, lock, pause = 0, 0, set(), set(), threading.Lock(), threading.Event()


def say(word):
    print(word, flush=True)


def metrics(names):
    """With one time, written down first."""
    global clock
    clock = max(clock + 1, time.time_ns() // 1_000_000)
    for name in names:
        truth.write(json.dumps({"metric": name, "time": clock, "value": state[name]}) + "\n")
    truth.flush()
    return [Metric(timestamp=clock, name=name, datatype=TYPES[name], value=state[name]) for name in names]


def is_rebirth(message):
    return any(m.name == "Node Control/Rebirth" and m.value for m in message.payload.metrics)


def on_node(_node, message):
    if is_rebirth(message):
        threading.Thread(target=begin, args=("rebirth",), daemon=True).start()


def on_device(_node, message):
    with lock:
        for metric in message.payload.metrics:
            if metric.name in state:
                state[metric.name] = metric.value
                node.update_device("Press", metrics([metric.name]))


node = None


def begin(word):
    """A birth of this library comes with a connection."""
    global node
    with lock:
        before, node = node, None
        if before:
            before.disconnect()
        names = [name for name in state if name not in missing]
        fresh = EdgeNode("Plant", "Edge1", [Metric(clock, "Node Control/Rebirth", DataType.BOOLEAN, value=False)],
                         cmd_callback=on_node)
        fresh.register(Device("Press", metrics(names), cmd_callback=on_device))
        fresh.connect("127.0.0.1", port=port, keepalive=20)
        node = fresh
    say(word)


def data(count):
    global step
    for _ in range(count):
        with lock:
            step += 1
            state["Hydraulics/Pressure"] = 100 + step / 8
            changed = ["Hydraulics/Pressure"]
            if "Counters/Strokes" not in held:
                state["Counters/Strokes"] += 1000 if step % 7 == 0 else -1
                changed.append("Counters/Strokes")
            if step % 10 == 0:
                state["Running"] = not state["Running"]
                state["Program"] = f"批次 {step}"
                changed += ["Running", "Program"]
            if node and node._connected:
                try:
                    node.update_device("Press", metrics([name for name in changed if name not in missing]))
                except MQTTError:
                    pass  # the broker is away; the library connects again and then sends births
        if step % 20 == 0:
            pause.wait(0.005)  # time.sleep fails when the clock is moved from outside
    say("sent")


begin("born")
for line in sys.stdin:
    word, _, rest = line.strip().partition(" ")
    if word == "data":
        data(int(rest))
    elif word == "drop":
        missing.add(rest)
    elif word == "hold":
        held.add(rest)
    elif word == "rebirth":
        begin("rebirth")
    elif word == "stop":
        with lock:
            node.disconnect()
        break
