# SPDX-License-Identifier: Apache-2.0
"""F5: every exception of the protocol, on reads and writes."""

from drive import GAP, good
from frames import Mbap, Mqtt
from peer_tools import wait_until
from proxy import Mode

TEXT, HOLE = 200, 5  # offsets: of the point "text"; of a register nobody wants, between points that are read together
QUALITY = {1: 0x8089, 2: 0x8034, 3: 0x8089, 4: 0x808B, 8: 0x808B}


class Exceptions(Mbap):
    def __init__(self, address, code, functions=(1, 2, 3, 4)):
        self.address, self.code, self.functions, self.said = address, code, functions, 0

    def request(self, connection, frame):
        writes = any(f in (5, 6, 15, 16) for f in self.functions)
        hit = frame[7] in self.functions if writes else self.covers(frame, self.address, self.functions)
        if not hit:
            return frame
        self.said += 1
        connection.send_down(self.exception(frame, self.code))
        return None


def exceptions(cell):
    {"modbus": modbus_exceptions, "opcua": opcua_exceptions, "mqtt": mqtt_exceptions}[cell.site.driver](cell)


def modbus_exceptions(cell):
    site = cell.site
    cell.begin(link={"timeout_ms": 1000})
    text = site.points.index(next(p for p in site.points if p["address"].startswith("hr:40201")))
    others = [i for i in site.changing if i != text]
    for code in (1, 3, 4, 8, 2):
        mark = len(site.drive.samples())
        mode = site.proxy.set(Exceptions(TEXT, code))
        wait_until(lambda: mode.said > 0, f"a read to answer with {code}", 90)
        if cell.attempt(site.wait_lost, mark, f"the loss by exception {code}", 20, [text]) is None:
            continue
        bad = next(s for s in site.drive.samples(text) if s["place"] >= mark and not good(s))
        cell.want(bad["quality"] == QUALITY[code], f"exception {code} became {bad['quality']:#06x}, not {QUALITY[code]:#06x}")
        middle = len(site.drive.samples())
        cell.attempt(site.wait_good, middle, f"the other points beside exception {code}", 20, others)
        hurt = [s["point"] for s in site.drive.samples()[mark:] if s["point"] in others and not good(s)]
        cell.want(not hurt, f"exception {code} hurt points {sorted(set(hurt))} as well")
        site.proxy.set(Mode())
        cell.attempt(site.wait_good, len(site.drive.samples()), f"the point after exception {code}", 100, [text])
    for code in (5, 6):  # acknowledge, busy: not yet; the value may come later
        mark = len(site.drive.samples())
        mode = site.proxy.set(Exceptions(TEXT, code))
        wait_until(lambda: mode.said > 2, f"reads to answer with {code}", 90)
        cell.attempt(site.wait_good, len(site.drive.samples()), f"the other points beside exception {code}", 20, others)
        hurt = [s["point"] for s in site.drive.samples()[mark:] if s["point"] in others and not good(s)]
        cell.want(not hurt, f"exception {code} hurt points {sorted(set(hurt))} as well")
        site.proxy.set(Mode())
        cell.attempt(site.wait_good, len(site.drive.samples()), f"the point after exception {code}", 100, [text])
    for code in (10, 11):  # the gateway has no such unit: the same as silence
        mark = len(site.drive.samples())
        mode = site.proxy.set(Exceptions(TEXT, code))
        wait_until(lambda: mode.said > 0, f"a read to answer with {code}", 90)
        cell.attempt(site.wait_lost, mark, f"the loss by exception {code} to one request, the others answered", 20, [text])
        cell.attempt(site.wait_good, len(site.drive.samples()), f"the other points beside exception {code}", 20, others)
        site.proxy.set(Mode())
        cell.attempt(site.wait_good, len(site.drive.samples()), f"the points after exception {code}", 150)
    mark = len(site.drive.samples())
    mode = site.proxy.set(Exceptions(HOLE, 2, (3,)))
    wait_until(lambda: mode.said > 0, "a read over the hole", 150)
    cell.attempt(site.wait_good, len(site.drive.samples()), "points beside a hole that is refused", 30)
    hurt = [s["point"] for s in site.drive.samples()[mark:] if not good(s)]
    cell.want(not hurt, f"a refused hole hurt points {sorted(set(hurt))}")
    said = mode.said
    cell.attempt(site.wait_good, len(site.drive.samples()), "two more turns", 30)
    cell.want(mode.said <= said + 1, f"the hole was asked for again {mode.said - said} times: not learned")
    site.proxy.set(Mode())
    for code in (1, 2, 3, 4, 5, 6, 8, 10, 11):
        mode = site.proxy.set(Exceptions(0, code, (5, 6, 15, 16, 22)))
        answer = site.drive.write(0, 17)
        wanted = ("failed", "unknown", "refused") if code in (4, 5, 6, 10, 11) else ("refused", "failed")
        cell.want(answer["outcome"] in wanted and answer.get("error"), f"a write answered with {code} gave {answer}")
        cell.want(mode.said == 1, f"a write answered with {code} was sent {mode.said} times")
    site.proxy.set(Mode())
    cell.want(not site.peer.written(), "a refused write arrived")
    cell.say("9 codes on reads and 9 on writes, answered by the proxy in the peer's place; split and learned")
    cell.finish()


def opcua_exceptions(cell):
    site = cell.site
    unknown = {"address": "nsu=urn:test:plant;s=nowhere", "type": "double", "period_ms": 100}
    foreign = {"address": "nsu=urn:nowhere;s=x", "type": "double", "period_ms": 100}
    writable = {"period_ms": 100, "access": "read_write"}
    more = [unknown, foreign, {"address": "nsu=urn:test:plant;s=fixed", "type": "int64", **writable},
            {"address": "nsu=urn:test:plant;s=setpoint", "type": "int64", **writable}]
    cell.begin(more=more)
    first = len(site.points)
    wait_until(lambda: {s["quality"] for s in site.drive.samples() if s["flags"] & GAP or s["quality"]} >= {0x8034, 0x808C},
               "the statuses of the peer", 60)
    for place in (first, first + 1):
        cell.attempt(wait_until, lambda place=place: [s["quality"] for s in site.drive.samples(place)] == [0x8034],
                     f"BadNodeIdUnknown for point {place}", 20)
    wait_until(lambda: any(s["quality"] == 0x4090 for s in site.drive.samples()), "an uncertain value", 60)
    for place, value, wanted in ((first + 2, 8, "refused"), (first + 3, 40000, "refused"), (first + 3, 41, "done")):
        answer = site.drive.write(place, value)
        cell.want(answer["outcome"] == wanted, f"write of {value} gave {answer}")
        cell.want(wanted == "done" or answer.get("error"), f"no reason: {answer}")
    answer = site.drive.write(first, 1)
    cell.want(answer["outcome"] in ("refused", "failed") and answer.get("error"), f"write to an unknown node gave {answer}")
    cell.say("Good, GoodLocalOverride, Uncertain, BadSensorFailure, BadNoData by the peer; two unknown nodes; four writes")
    cell.finish()


class Broker(Mqtt):
    """Answers a kind of packet with a code of its own."""

    def __init__(self, kind, code):
        self.kind, self.code, self.said = kind, code, 0

    def answer(self, connection, frame):
        if frame[0] & 0xF0 != self.kind:
            return frame
        self.said += 1
        if self.kind == 0x20:
            return bytes([0x20, 3, 0, self.code, 0])
        if self.kind == 0x90:
            return frame[:-1] + bytes([self.code])  # the last subscription of the packet
        return b"\x40\x03" + frame[2:4] + bytes([self.code])  # the answer to a publish


def mqtt_exceptions(cell):
    site = cell.site
    cell.begin(reconnect_ms=2000)
    for code in (0x80, 0x81, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8A, 0x8C, 0x95, 0x97, 0x9C, 0x9F):
        mark = len(site.drive.log_lines())
        mode = site.proxy.set(Broker(0x20, code))
        site.proxy.cut()
        if cell.attempt(wait_until, lambda: mode.said > 0 or not site.drive.alive(), f"a connection to refuse ({code:#x})", 120) is None:
            break
        reason = cell.attempt(wait_until, lambda: [line for line in site.drive.log_lines()[mark:] if "backoff" in line],
                              f"the reason of {code:#x}", 20)
        cell.want(reason and "refus" in " ".join(reason).lower() or reason, f"{code:#x}: no reason given")
        site.proxy.set(Mode())
        if cell.attempt(site.wait_good, len(site.drive.samples()), f"values after {code:#x}", 120) is None:
            break
    for code in (0x80, 0x83, 0x87, 0x8F, 0x97, 0x9E, 0xA1, 0xA2):
        mode = site.proxy.set(Broker(0x90, code))
        site.proxy.cut()
        if cell.attempt(wait_until, lambda: mode.said > 0, f"a subscription to refuse ({code:#x})", 120) is None:
            break
        site.proxy.set(Mode())
        site.proxy.cut()
        if cell.attempt(site.wait_good, len(site.drive.samples()), f"values after {code:#x}", 150) is None:
            break
    cell.say("14 codes for a connection and 8 for a subscription, put in by the proxy in the broker's answers")
    cell.finish()
