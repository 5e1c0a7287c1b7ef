# SPDX-License-Identifier: Apache-2.0
"""Faults that differ from protocol to protocol: missing addresses, clocks, dead units, writes, configuration."""

import glob
import time

from cell import DoesNotApply
from drive import GAP, SUBSTITUTED, good
from exceptions import TEXT, Exceptions
from frames import Mbap
from peer_tools import wait_until
from proxy import HoldAnswers, Mode


# F7 -------------------------------------------------------------------------------------------------------------------
def partial(cell):
    """After a restart some addresses are not there any more."""
    site = cell.site
    cell.begin()
    mark = len(site.drive.samples())
    if site.driver == "modbus":
        gone = 4
        site.proxy.set(Exceptions(TEXT, 2))
        site.kill()
        site.start()
        cell.say("the register is refused by the proxy in the peer's place")
    elif site.driver == "opcua":
        gone = 6
        site.kill(prepare="remove string")
        site.start()
    else:
        gone = 3
        site.nodes[-1].command("drop Program")
        site.nodes[-1].command("rebirth")
    others = [place for place in site.changing if place != gone]
    reason = cell.attempt(wait_until, lambda: [s for s in site.drive.samples(gone) if s["place"] >= mark and not good(s)],
                          "the missing point to be bad", 90)
    second = len(site.drive.samples())
    took = cell.attempt(site.wait_good, second, "the others", 90, others)
    if took is not None:
        cell.say(f"the others go on after {took:.1f} s")
    time.sleep(2)
    last = site.drive.samples(gone)[-1]
    cell.want(not good(last), f"the missing point is good again: {last}")
    if reason and site.driver != "mqtt":
        cell.want(last["quality"] in (0x8034, 0x8033), f"its quality is {last['quality']:#06x}, not BadNodeIdUnknown")
    if reason:
        cell.say(f"the missing one has quality {last['quality']:#06x}")
    cell.finish()


# F8 -------------------------------------------------------------------------------------------------------------------
HOUR, YEAR = 3600, 365 * 86400


def fake_time(folder, name):
    """Environment for a process whose clock is set by writing seconds to the file."""
    library = next(iter(glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")), None)
    if library is None:
        raise DoesNotApply("skipped: faketime is not installed")
    file = folder / name
    set_clock(file, 0)
    return file, {"LD_PRELOAD": library, "FAKETIME_TIMESTAMP_FILE": str(file), "FAKETIME_NO_CACHE": "1",
                  "FAKETIME_DONT_FAKE_MONOTONIC": "1"}


def set_clock(file, seconds):
    new = file.with_suffix(".new")
    new.write_text(f"{seconds:+d}s\n")
    new.rename(file)


def skew(cell):
    site = cell.site
    peer_clock, peer_fakes = fake_time(site.folder, "peer.clock")
    our_clock, our_fakes = fake_time(site.folder, "our.clock")
    has_time = site.driver != "modbus"  # there is no device time in that protocol
    set_clock(peer_clock, -YEAR)
    site.start(peer_fakes if has_time else None)
    cell.net.begin_capture(site.proxy.port)
    site.begin_ticking()
    site.begin_drive(environment=our_fakes)
    # Forward first: these peers stamp no value before the one they gave last, so theirs stand still after the way back.
    plan = [("peer", seconds, True) for seconds in (-YEAR, -HOUR, 0, HOUR, YEAR)] + [("peer", 0, False)] if has_time else []
    for who, seconds, told in plan + [("gateway", seconds, False) for seconds in (HOUR, -HOUR, YEAR, -YEAR, 0)]:
        set_clock(peer_clock if who == "peer" else our_clock, seconds)
        mark = len(site.drive.samples())
        cell.attempt(site.wait_good, mark, f"values with the clock of the {who} at {seconds:+d} s", 40)
        if told:
            cell.attempt(wait_until, lambda mark=mark, seconds=seconds: any(
                abs(s["time"] / 1e9 - time.time() - seconds) < 60 for s in site.drive.samples()[mark:]
                if good(s) and not s["flags"] & SUBSTITUTED),  # one that is said again to be seen bears our time, and a mark
                f"device times {seconds:+d} s off", 20)
    received = [s["received"] for s in site.drive.samples()]
    backs = sum(1 for a, b in zip(received, received[1:]) if b < a)
    if not has_time:
        cell.attempt(site.check_order)
        site.check_values = lambda: only_values(site)
    cell.say(f"±1 h and ±1 year, {'peer and gateway' if has_time else 'gateway'}; the time of receipt went back {backs} times")
    cell.finish()


def only_values(site):
    """Without times: the clocks were not the same."""
    from modbus_rig import KEYS
    for place, key in enumerate(KEYS):
        truth = {t["value"] for t in site.peer.truth(key)}
        for s in site.drive.samples(place):
            assert not good(s) or s["value"] in truth, f"{key}: {s} was never exposed"
    return len(site.drive.samples())


# F9 -------------------------------------------------------------------------------------------------------------------
class Units(Mbap):
    """32 units behind one gateway: the peer is asked as unit 1. One may be mute."""

    def __init__(self):
        self.mute, self.swallowed = None, 0

    def request(self, connection, frame):
        if frame[6] == self.mute:
            self.swallowed += 1
            return None
        connection.state[frame[:2]] = frame[6:7]
        return frame[:6] + b"\1" + frame[7:]

    def answer(self, connection, frame):
        return frame[:6] + connection.state.pop(frame[:2], b"\1") + frame[7:]


def dead_unit(cell):
    site = cell.site
    if site.driver != "modbus":
        raise DoesNotApply("does not apply: there is one server on a link, no units that share it")
    site.start()
    cell.net.begin_capture(site.proxy.port)
    mode = site.proxy.set(Units())
    devices = [{"name": f"unit {n}", "config": {"unit": n}} for n in range(1, 33)]
    site.points = [{"address": "hr:40001", "type": "int64", "period_ms": 1000, "device": n} for n in range(32)]
    site.changing, dead = list(range(32)), 6
    drive = site.begin_drive(devices=devices)
    live = [place for place in site.changing if place != dead]

    def completed(seconds):
        mark = len(drive.samples())
        time.sleep(seconds)  # a rate needs a time
        return sum(1 for s in drive.samples()[mark:] if s["point"] in live and good(s)) / seconds
    reference = completed(10)
    mode.mute = dead + 1
    begin = completed(10)
    cell.attempt(wait_until, lambda: any(not good(s) for s in drive.samples(dead)), "the dead unit's loss", 30)
    after = completed(10)
    cell.say(f"live units: {reference:.1f} samples a second before, {begin:.1f} in the first 10 cycles, {after:.1f} after "
             f"the breaker opened; {mode.swallowed} requests to the dead unit")
    cell.want(begin >= 0.8 * reference, f"{begin / reference:.2f} of the samples in the first 10 cycles, not 0.80")
    cell.want(after >= 0.95 * reference, f"{after / reference:.2f} of the samples afterwards, not 0.95")
    hurt = [s for s in drive.samples() if s["point"] in live and not good(s)]
    cell.want(not hurt, f"{len(hurt)} bad samples of live units: {hurt[:1]}")
    mode.mute = None
    cell.attempt(site.wait_good, len(drive.samples()), "the unit after it spoke again", 90, [dead])
    site.check_values = lambda: len(drive.samples())
    stats = cell.finish()
    if stats:
        cell.want(stats["breaker_openings"] >= 1, "the breaker did not open")


# F12 ------------------------------------------------------------------------------------------------------------------
class NoAnswerToWrites(Mbap):
    def __init__(self):
        self.dropped = 0

    def answer(self, connection, frame):
        if frame[7] in (5, 6, 15, 16, 22):
            self.dropped += 1
            return None
        return frame


def lost_answer(cell):
    """The write arrives, its answer does not."""
    site = cell.site
    if site.driver == "modbus":
        more = [{"address": "hr:#1000", "type": "int64", "period_ms": 100, "access": "read_write"}]
        cell.begin(more=more)
        place = len(site.points)
        site.wait_good(0, "the point to write", places=[place])
        mode = site.proxy.set(NoAnswerToWrites())
        answer = site.drive.write(place, 42)
        site.proxy.set(Mode())
        cell.want(mode.dropped == 1, f"{mode.dropped} answers to writes: repeated")
        wait_until(lambda: site.peer.written(), "the write at the peer", 20)
        arrived = lambda: sum(1 for line in site.peer.written() if line["written"] == 1000)  # noqa: E731
        back = lambda: any(s["value"] == 42 for s in site.drive.samples(place) if good(s))  # noqa: E731
    elif site.driver == "opcua":
        more = [{"address": "nsu=urn:test:plant;s=setpoint", "type": "int64", "period_ms": 100, "access": "read_write"}]
        cell.begin(more=more)
        place = len(site.points)
        site.wait_good(0, "the point to write", places=[place])
        site.proxy.set(HoldAnswers())
        answer = site.drive.write(place, 42)
        site.proxy.set(Mode())
        site.proxy.cut()
        wait_until(lambda: site.read("setpoint") == 42, "the write at the peer", 20)
        arrived = lambda: 1  # noqa: E731 - the value is the same however often it is written
        back = lambda: any(s["value"] == 42 for s in site.drive.samples(place) if good(s))  # noqa: E731
    else:
        cell.begin()
        place = 1
        site.paused.set()
        mark = len(site.drive.samples())
        site.proxy.set(HoldAnswers())
        answer = site.drive.write(place, 4711)
        site.proxy.set(Mode())
        site.proxy.cut()
        wait_until(lambda: any(t["value"] == 4711 for t in site.truth()), "the write at the node", 30)
        arrived = lambda: sum(1 for t in site.truth() if t["value"] == 4711 and t["metric"] == "Counters/Strokes")  # noqa: E731
        seen = arrived()
        cell.say(f"the node took it {'once' if seen == 1 else f'{seen} times (births count as well)'}")
        arrived = lambda: 1  # noqa: E731
        back = lambda: any(s["value"] == 4711 for s in site.drive.samples()[mark:] if good(s))  # noqa: E731
    cell.want(answer["outcome"] == "unknown", f"the outcome is {answer['outcome']}, not unknown: {answer}")
    took = cell.attempt(wait_until, back, "the written value to be read back", 90)
    cell.want(arrived() == 1, f"the peer was written to {arrived()} times")
    if took:
        cell.say(f"outcome {answer['outcome']}, written once, read back later")
    site.paused.clear()
    cell.finish()


# F13 ------------------------------------------------------------------------------------------------------------------
WRITES = 150


def write_burst(cell):
    """Writes to one point, each larger than the one before, while 1,000 others are read."""
    site, more = cell.site, []
    if site.driver == "modbus":
        more = [{"address": f"hr:#{2000 + i}", "type": "int64", "period_ms": 100} for i in range(1000)]
        more.append({"address": "hr:#1000", "type": "int64", "period_ms": 100, "access": "read_write"})
    elif site.driver == "opcua":
        site.many = 1000
        more = [{"address": f"nsu=urn:test:plant;s=many{i}", "type": "int64", "period_ms": 100} for i in range(1000)]
        more.append({"address": "nsu=urn:test:plant;s=setpoint", "type": "int64", "period_ms": 100, "access": "read_write"})
    cell.begin(more=more)
    if site.driver == "mqtt":
        site.nodes[-1].command("hold Counters/Strokes")
        site.changing = [0]
    place = len(site.points) + len(more) - 1 if more else 1
    site.wait_good(0, "all points", 120, list(range(len(site.points) + len(more))) if more else None)
    took, mark = [], len(site.drive.samples())
    for value in range(1, WRITES + 1):
        begin = time.monotonic()
        answer = site.drive.write(place, 20_000 + value)
        took.append(time.monotonic() - begin)
        if not cell.want(answer["outcome"] == "done", f"write {value} gave {answer}"):
            break
    took.sort()
    cell.say(f"{len(took)} writes, median {took[len(took) // 2] * 1000:.0f} ms, p99 {took[int(len(took) * 0.99) - 1] * 1000:.0f} ms")
    cell.attempt(site.wait_good, mark, "values during the burst")
    if site.driver == "modbus":
        order = [line["values"][0] for line in site.peer.written() if line["written"] == 1000]
    elif site.driver == "opcua":
        wait_until(lambda: site.read("setpoint") == 20_000 + len(took), "the last value", 20)
        order = [s["value"] for s in site.drive.samples(place) if good(s) and s["value"] > 20_000]
    else:
        order = [t["value"] for t in site.truth() if t["metric"] == "Counters/Strokes" and 20_000 < t["value"] <= 20_000 + WRITES]
        order = sorted(set(order), key=order.index)
    cell.want(order == sorted(order), "the order of the writes was not kept")
    cell.want(site.driver == "opcua" or len(order) == len(took) or site.driver == "mqtt" and len(order) >= len(took),
              f"{len(order)} of {len(took)} arrived")
    hurt = [s for s in site.drive.samples()[mark:] if not good(s) and s["point"] != place and site.driver == "modbus"]
    cell.want(not hurt, f"{len(hurt)} bad samples during the burst")
    cell.finish()


# F14 ------------------------------------------------------------------------------------------------------------------
def many(site, kind, count=1000):
    if site.driver == "modbus":
        return [{"address": f"hr:#{2000 + i}" + (":i16" if kind == "double" else ""), "type": kind, "period_ms": 500}
                for i in range(count)]
    if site.driver == "opcua":
        return [{"address": f"nsu=urn:test:plant;s=many{i}", "type": kind, "period_ms": 500} for i in range(count)]
    return [{"address": f"Plant/Edge1/Press:Extra/{i}", "type": kind, "period_ms": 500} for i in range(count)]


def change(cell):
    """1,000 points are added, retyped and taken away again, while the first ones lose nothing."""
    site = cell.site
    site.many = 1000
    drive = cell.begin()
    extra = list(range(len(site.points), len(site.points) + 1000))
    mark = len(drive.samples())
    first = drive.samples()[-1]["time"]
    for kind in ("int64", "double", "int64", None):
        drive.map(site.points + (many(site, kind) if kind else []))
        at = len(drive.samples())
        cell.attempt(site.wait_good, at, f"the untouched points beside {kind or 'none'}", 40)
        if kind and site.driver != "mqtt":
            try:
                site.wait_good(at, f"1,000 points of type {kind}", 30, extra)
            except AssertionError:  # beyond what this fault asks for, but worth knowing
                cell.say(f"no value within 30 s for points that became {kind} and do not change by themselves")
    site.paused.set()
    time.sleep(1)
    hurt = [s for s in drive.samples()[mark:] if s["point"] in site.changing and s["flags"] & GAP
            and s["quality"] not in (0x808C, 0x809B)]
    cell.want(not hurt, f"{len(hurt)} losses of untouched points: {hurt[:1]}")
    missing = lost_values(site, first, drive.samples()[-1]["time"])
    cell.want(not missing, f"{len(missing)} values of untouched points are missing, the first {missing[:1]}")
    site.paused.clear()
    cell.say("1,000 points added, retyped twice and removed" + (", none of them known to the node" if site.driver == "mqtt" else ""))
    stats = cell.finish()
    if stats:
        cell.want(site.proxy.total == 1, f"{site.proxy.total - 1} reconnects")


def lost_values(site, begin, end):
    """Values of the truth between the times that were not stored, though the peer had them long enough."""
    missing = []
    if site.driver == "modbus":  # polled: what was in force for five periods must have been seen
        from modbus_rig import KEYS
        for place, key in enumerate(KEYS):
            values = [(s["time"], s["value"]) for s in site.drive.samples(place) if good(s)]
            truth = site.peer.truth(key)
            for now, following in zip(truth, truth[1:]):
                if begin < now["to"] and following["from"] < end - 2_000_000_000 and following["from"] - now["to"] > 300_000_000 \
                        and not any(now["from"] <= at <= following["to"] + 2_500_000_000 and v == now["value"] for at, v in values):
                    missing.append((key, now["value"]))
    elif site.driver == "opcua":
        for place, node in enumerate(site.NODES):
            stored = {s["time"] for s in site.drive.samples(place)}
            missing += [(node, at) for at, _, _ in site.peer.truth(node) if begin < at < end - 2_000_000_000 and at not in stored]
    else:
        for place, name in enumerate(site.names):
            stored = {s["time"] for s in site.drive.samples(place)}
            missing += [(name, t["time"]) for t in site.truth() if t["metric"] == name
                        and begin < t["time"] * 1_000_000 < end - 2_000_000_000 and t["time"] * 1_000_000 not in stored]
    return missing
