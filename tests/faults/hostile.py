# SPDX-License-Identifier: Apache-2.0
"""F4 and F18: bytes that no peer should send, and peers that mean harm."""

import asyncio
import struct
import time

from frames import FRAMES
from peer_tools import wait_until
from proxy import Mode

KINDS = ["noise before", "noise between", "wrong length", "wrong number", "wrong sender", "wrong function", "truncated",
         "twice", "noise inside", "flood"]
FLOOD = 65536


def spoil(driver, kind, frame, chance):
    """The bytes to send in place of `frame`."""
    noise = chance.randbytes(chance.randint(1, 60))
    if kind == "noise before":
        return noise + frame
    if kind == "noise between":
        return frame + noise
    if kind == "noise inside":
        at = chance.randint(1, min(7, len(frame) - 1))  # in the header, where it must be seen
        return frame[:at] + noise + frame[at:]
    if kind == "truncated":
        return frame[:chance.randint(1, len(frame) - 1)]
    if kind == "twice":
        return frame + frame
    if kind == "flood":
        return chance.randbytes(FLOOD)
    if driver == "modbus":
        number, protocol, length, unit, function = struct.unpack(">HHHBB", frame[:8])
        if kind == "wrong length":
            length = chance.choice([0, 1, 2, length + 7, 255, 300, 65535])
        if kind == "wrong number":
            number ^= chance.choice([1, 0x100, 0xFFFF])
        if kind == "wrong sender":
            unit ^= chance.randint(1, 255)
        if kind == "wrong function":
            function = chance.choice([f for f in range(128) if f != function])
        return struct.pack(">HHHBB", number & 0xFFFF, protocol, length, unit, function) + frame[8:]
    if driver == "opcua":
        head, length, rest = frame[:4], int.from_bytes(frame[4:8], "little"), frame[8:]
        if kind == "wrong length":
            length = chance.choice([0, 7, length - 1, length + 9, 0x7FFFFFFF, 0xFFFFFFFF])
        if kind == "wrong function":
            head = chance.choice([b"XYZF", b"MSGQ", b"HELF", b"ACKF"])
        if kind == "wrong sender":
            rest = bytes([rest[0] ^ 0x55]) + rest[1:]  # the secure channel
        if kind == "wrong number" and len(rest) >= 16:
            rest = rest[:8] + bytes(b ^ 0xFF for b in rest[8:12]) + rest[12:]  # the sequence
        return head + length.to_bytes(4, "little") + rest
    if kind == "wrong length":
        return frame[:1] + chance.choice([b"\xff\xff\xff\x7f", b"\xff\xff\xff\xff\x7f", b"\x00"]) + frame[2:]
    return bytes([chance.choice([0x00, 0xF0, 0x3F, 0x36, 0x10, 0xE0])]) + frame[1:]  # what a broker never sends


def spoiling(driver, chance):
    class Spoil(FRAMES[driver]):
        """Spoils the next answer in the way asked for, once."""
        kind, done = None, 0

        def answer(self, connection, frame):
            if self.kind is None or len(frame) < 8:
                return frame
            kind, self.kind = self.kind, None
            self.done += 1
            return spoil(driver, kind, frame, chance)
    return Spoil()


def garbage(cell):
    """Every kind several times; after each the driver must find back and store nothing the peer did not have."""
    site = cell.site
    cell.begin(reconnect_ms=2000)
    mode = site.proxy.set(spoiling(site.driver, cell.chance))
    slowest, rounds = {}, {"modbus": 6, "opcua": 2, "mqtt": 2}[site.driver]
    for _ in range(rounds):
        for kind in KINDS:
            mark, before = len(site.drive.samples()), mode.done
            mode.kind = kind
            wait_until(lambda: mode.done > before or not site.drive.alive(), f"an answer to spoil ({kind})", 150)
            took = cell.attempt(site.wait_good, mark, f"values after {kind}", 150)
            slowest[kind] = max(slowest.get(kind, 0), took or 999)
            if not site.drive.alive() or took is None:
                break
    worst = max(slowest, key=slowest.get)
    cell.say(f"{mode.done} answers spoiled in {len(slowest)} ways (seed {cell.seed}), the slowest return {slowest[worst]:.1f} s "
             f"after {worst}")
    limit = {"modbus": 10, "opcua": 15, "mqtt": 30}[site.driver]  # a flood may leave MQTT waiting for two keep alives
    cell.want(slowest[worst] <= limit, f"{slowest[worst]:.1f} s until values came again after {worst}, not within {limit} s")
    stats = cell.finish()
    if stats:
        cell.say(f"{stats['framing_errors']} framing errors, {stats['reconnects']} reconnects counted")
        cell.want(stats["framing_errors"] + stats["reconnects"] > 0, "nothing of it was counted")


class Malicious(Mode):
    """Is the peer, and answers each connection with one of its pieces."""

    serves = True

    def __init__(self, pieces):
        self.pieces, self.at, self.served = pieces, 0, 0

    async def up(self, connection, data):
        name, make = self.pieces[self.at % len(self.pieces)]
        if connection.state.get("done"):
            return
        connection.state["done"] = True
        self.at += 1
        for piece in make(data):
            if connection.near.is_closing():
                break
            connection.send_down(piece)
            try:
                await asyncio.wait_for(connection.near.drain(), 20)
            except (TimeoutError, asyncio.TimeoutError, OSError):
                break
        self.served += 1


def mbap(request, body, length=None):
    return request[:4] + struct.pack(">H", len(body) + 1 if length is None else length) + request[6:7] + body


def modbus_pieces():
    def endless(first):
        yield first
        for _ in range(512):
            yield b"\0" * 65536
    return [
        ("more bytes than a frame holds", lambda r: [mbap(r, b"\x03\xff" + b"\1" * 255)]),
        ("count beyond the data", lambda r: [mbap(r, b"\x03\xfa" + b"\1" * 4)]),
        ("odd count", lambda r: [mbap(r, b"\x03\x03\1\2\3")]),
        ("nothing in it", lambda r: [mbap(r, b"")]),
        ("length 65535 and 32 MB", lambda r: endless(mbap(r, b"\x03\xff", 65535))),
        ("length 0 and 32 MB", lambda r: endless(mbap(r, b"", 0))),
        ("100,000 answers to one request", lambda r: [mbap(r, b"\x03\x02\1\2") * 1000 for _ in range(100)]),
    ]


def opcua_pieces():
    ack = b"ACKF" + struct.pack("<IIIIII", 28, 0, 65535, 65535, 0, 0)

    def endless():
        yield ack
        chunk = b"MSGC" + struct.pack("<IIIII", 65535, 1, 1, 1, 1) + b"\0" * (65535 - 24)
        for _ in range(512):
            yield chunk

    def channel(request):  # an answer with a list of 2^31-1 elements
        yield ack
        policy = b"http://opcfoundation.org/UA/SecurityPolicy#None"
        body = struct.pack("<I", len(policy)) + policy + struct.pack("<ii", -1, -1) + struct.pack("<II", 1, 1)
        body += b"\x01\x00\xc1\x01" + b"\0" * 16 + struct.pack("<i", 0x7FFFFFFF) + b"\0" * 64
        yield b"OPNF" + struct.pack("<II", 12 + len(body), 1) + body
    return [
        ("buffers of no size", lambda r: [b"ACKF" + struct.pack("<IIIIII", 28, 0, 0, 0, 0, 0)]),
        ("message of 4 GB", lambda r: [ack, b"MSGF" + struct.pack("<I", 0xFFFFFFFF) + b"\0" * 65536]),
        ("chunks without end, 32 MB", lambda r: endless()),
        ("channel with a huge list", channel),
        ("error with a text of 2 GB", lambda r: [b"ERRF" + struct.pack("<IIi", 16, 0x80000000, 0x7FFFFFFF)]),
        ("hello back, 6 MB", lambda r: [r * 2000 for _ in range(50)]),
    ]


def mqtt_pieces():
    connack = b"\x20\x03\x00\x00\x00"

    def publish(topic, payload):
        body = struct.pack(">H", len(topic)) + topic + b"\0" + payload
        length, out = len(body), b""
        while True:
            out += bytes([length % 128 | (0x80 if length >= 128 else 0)])
            length //= 128
            if not length:
                return b"\x30" + out + body

    def huge():
        yield connack + b"\x30\xff\xff\xff\x7f"
        for _ in range(512):
            yield b"\0" * 65536
    topic = b"spBv1.0/Plant/DDATA/Edge1/Press"
    birth = b"spBv1.0/Plant/NBIRTH/Edge1"
    deep = b"\x12" + b"\x4a\xff\x7f" * 10_000  # messages within messages that say to be long
    names = b"".join(b"\x12\x0e\x0a\x06n%05d\x10%c\x20\x03\x50\1" % (i, i % 120 + 1) for i in range(8000))
    return [
        ("packet of 256 MB", lambda r: huge()),
        ("length of five bytes", lambda r: [connack + b"\x30\xff\xff\xff\xff\x7f"]),
        ("topic longer than the packet", lambda r: [connack + b"\x30\x05\xff\xffabc"]),
        ("nested payload", lambda r: [connack + publish(topic, deep)]),
        ("metric of 2 GB", lambda r: [connack + publish(topic, b"\x12\xff\xff\xff\xff\x07" + b"\0" * 100)]),
        ("births with 8,000 names, 50 times", lambda r: [connack] + [publish(birth, names) for _ in range(50)]),
        ("400 nodes with a birth each", lambda r: [connack] + [publish(b"spBv1.0/Plant/NBIRTH/E%d" % i, names[:20_000])
                                                              for i in range(400)]),
        ("properties beyond the packet", lambda r: [b"\x20\x05\x00\x00\xff\xff\x7f"]),
    ]


PIECES = {"modbus": modbus_pieces, "opcua": opcua_pieces, "mqtt": mqtt_pieces}


def malicious(cell):
    site = cell.site
    cell.begin(reconnect_ms=2000)
    drive, proxy = site.drive, site.proxy
    time.sleep(1)
    memory, cpu, begin = drive.memory(), drive.cpu(), time.monotonic()
    pieces = PIECES[site.driver]()
    mode = Malicious(pieces)
    most, worst, costs = 0, memory, []
    for name, _ in pieces:
        proxy.set(mode)
        proxy.cut()
        before = mode.served

        def served():
            nonlocal most
            if drive.alive():
                most = max(most, drive.memory())
            return mode.served > before or not drive.alive()
        if cell.attempt(wait_until, served, f"a connection for \"{pieces[mode.at % len(pieces)][0]}\"", 150) is None:
            break
        if not drive.alive():
            break
        if most > worst + (8 << 20):
            costs.append(f"{(most - worst) >> 20} MB by \"{name}\"")
            worst = most
    used, lasted = drive.cpu() - cpu if drive.alive() else 0, time.monotonic() - begin
    cell.want(most - memory < 64 << 20, f"{(most - memory) >> 20} MB more memory: {', '.join(costs)}")
    cell.want(used < max(10.0, lasted / 2), f"{used:.1f} s of processor time in {lasted:.0f} s")
    proxy.set(Mode())
    proxy.cut()
    mark = len(drive.samples())
    took = cell.attempt(site.wait_good, mark, "values of the true peer afterwards", 150)
    cell.say(f"{mode.served} attacks in {lasted:.0f} s: at most {max(0, most - memory) >> 10} kB more memory, {used:.1f} s of "
             f"processor time; values again after {took or -1:.1f} s")
    cell.finish()
