# SPDX-License-Identifier: Apache-2.0
"""A Modbus server on pymodbus that writes down what it exposed and when.

    pymodbus_peer.py PORT TRUTH_FILE tcp|rtu SECONDS_BETWEEN_CHANGES

Says "port N" when it listens. Truth lines: {"key", "value", "from", "to"}: between "from" and "to" (ns) the value was put
in force. Writes of clients are lines with "written".
"""

import asyncio
import json
import struct
import sys
import time

from pymodbus.datastore import ModbusDeviceContext, ModbusSequentialDataBlock, ModbusServerContext
from pymodbus.framer import FramerType
from pymodbus.server import ModbusTcpServer

port, truth_file, framing, pause = int(sys.argv[1]), open(sys.argv[2], "a"), sys.argv[3], float(sys.argv[4])


class Watched(ModbusSequentialDataBlock):
    """Registers that note what clients write; the addresses come one too high from the library."""

    ours = False

    def setValues(self, address, values):
        super().setValues(address, values)
        if not Watched.ours:
            note({"written": address - 1, "values": list(values), "at": time.time_ns()})


def note(line):
    truth_file.write(json.dumps(line) + "\n")
    truth_file.flush()


def words(form, value):
    raw = struct.pack(form, value)
    return list(struct.unpack(f">{len(raw) // 2}H", raw))


def swapped(list_of_words):
    return list(reversed(list_of_words))


blocks = {name: Watched(0, [0] * 65536) for name in ("co", "di", "ir", "hr")}
step = 0


def put(key, area, offset, values, value):
    Watched.ours = True
    begin = time.time_ns()
    blocks[area].setValues(offset + 1, values)
    note({"key": key, "value": value, "from": begin, "to": time.time_ns()})
    Watched.ours = False


def change():
    global step
    step += 1
    put("counter", "hr", 0, [step % 65536], step % 65536)
    put("far", "hr", 120, [step * 7 % 65536], step * 7 % 65536)
    real = struct.unpack(">f", struct.pack(">f", step * 1.1))[0]
    put("real", "hr", 2, words(">f", real), real)
    put("swapped", "hr", 10, swapped(words(">i", -step * 100_003)), -step * 100_003)
    put("wide", "hr", 300, words(">q", step << 40 | step), step << 40 | step)
    put("input", "ir", 5, [(-step) & 0xFFFF], -step)
    put("coil", "co", 3, [step % 2 == 1], step % 2 == 1)
    put("discrete", "di", 4, [step % 2 == 0], step % 2 == 0)
    text = f"batch {step:05d}"
    put("text", "hr", 200, list(struct.unpack(">8H", text.encode().ljust(16, b"\0"))), text)


async def main():
    device = ModbusDeviceContext(di=blocks["di"], co=blocks["co"], hr=blocks["hr"], ir=blocks["ir"])
    context = ModbusServerContext(devices=device, single=True)
    change()
    framer = FramerType.RTU if framing == "rtu" else FramerType.SOCKET
    server = ModbusTcpServer(context, framer=framer, address=("127.0.0.1", port))
    await server.listen()
    actual = server.transport.sockets[0].getsockname()[1]
    print("port", actual, flush=True)
    while True:
        await asyncio.sleep(pause)
        change()


asyncio.run(main())
