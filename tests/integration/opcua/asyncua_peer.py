# SPDX-License-Identifier: Apache-2.0
"""An OPC UA server on asyncua that writes down every value it had.

    asyncua_peer.py PORT TRUTH_FILE OTHER_ENDPOINT MANY HOST PATH

OTHER_ENDPOINT leads here too; only node-opcua has to know it. MANY variables are in the large folder.

Says "built", then takes commands on standard input, one a line: "listen" gives every node its first value, listens and says
"ready"; "change N" gives every node N new values and says "changed"; "read NODE" says the value as JSON; "remove NODE",
before "listen", leaves one out. A truth line:
{"node", "value", "time" (ns, of the source), "status"}; int64 as text, a DateTime as ns in text, null for no value.
"""

import asyncio
import json
import logging
import math
import struct
import sys
import time
import uuid
from datetime import datetime, timedelta, timezone

from asyncua import Server, ua

port, truth_file, MANY = int(sys.argv[1]), open(sys.argv[2], "a"), int(sys.argv[4])
Type, Codes = ua.VariantType, ua.StatusCodes
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
step, last_time = 0, 0


def integer(bits, signed):
    low, high = (-(1 << (bits - 1)), (1 << (bits - 1)) - 1) if signed else (0, min((1 << bits) - 1, (1 << 63) - 1))
    # its two ends and small numbers in turn
    return lambda n: (n % 100, low + n % 50, high - n % 50)[n % 3]


def moment(n):
    return datetime(1990, 1, 1) + timedelta(days=n * 41, microseconds=n * 100_003)


NODES = {
    "boolean": (Type.Boolean, lambda n: n % 2 == 1),
    "sbyte": (Type.SByte, integer(8, True)),
    "byte": (Type.Byte, integer(8, False)),
    "int16": (Type.Int16, integer(16, True)),
    "uint16": (Type.UInt16, integer(16, False)),
    "int32": (Type.Int32, integer(32, True)),
    "uint32": (Type.UInt32, integer(32, False)),
    "int64": (Type.Int64, integer(64, True)),
    "uint64": (Type.UInt64, integer(64, False)),
    "float": (Type.Float, lambda n: struct.unpack("f", struct.pack("f", math.sin(n) * 10.0 ** (n % 30)))[0]),
    "double": (Type.Double, lambda n: math.cos(n) * 10.0 ** (n % 600 - 300)),
    "string": (Type.String, lambda n: "" if n % 40 == 7 else f"批次 {n} “ok”\n"),
    "localized": (Type.LocalizedText, lambda n: f"Füllung {n}"),
    "datetime": (Type.DateTime, moment),
    "guid": (Type.Guid, lambda n: uuid.UUID(int=n * 0x0123456789ABCDEF0123456789)),
}


def status_of(n):
    """Mostly Good; another Good, Uncertain and Bad in between."""
    return {3: Codes.UncertainLastUsableValue, 6: Codes.BadSensorFailure, 8: Codes.BadNoData,
            9: Codes.GoodLocalOverride}.get(n % 10, Codes.Good)


def told(kind, value):
    if kind == Type.DateTime:
        return str((value.replace(tzinfo=timezone.utc) - EPOCH) // timedelta(microseconds=1) * 1000)
    if kind == Type.Guid:
        return str(value)
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def packed(kind, value):
    return ua.Variant(ua.LocalizedText(value, "de") if kind == Type.LocalizedText else value, kind)


def next_time():
    global last_time
    last_time = max(last_time + 1000, time.time_ns() // 1000 * 1000)
    return last_time


async def change(server, ids):
    global step
    step += 1
    for name, (kind, make) in NODES.items():
        status, at, value = status_of(step), next_time(), make(step)
        if ua.StatusCode(status).is_bad():  # this server gives none then, OPC 10000-4 7.11
            value = None
        stamp = EPOCH + timedelta(microseconds=at // 1000)
        variant = ua.Variant(None, Type.Null) if value is None else packed(kind, value)
        data = ua.DataValue(variant, ua.StatusCode(status), SourceTimestamp=stamp, ServerTimestamp=stamp)
        await server.write_attribute_value(ids[name], data)
        truth_file.write(json.dumps({"node": name, "value": None if value is None else told(kind, value), "time": at,
                                     "status": int(status)}) + "\n")
    truth_file.flush()


async def build(server):
    space = await server.register_namespace("urn:test:plant")
    line = await server.nodes.objects.add_folder(ua.NodeId("Line", space), f"{space}:Line")
    ids = {}
    for name, (kind, make) in NODES.items():
        ids[name] = ua.NodeId(name, space)
        await line.add_variable(ids[name], f"{space}:{name}", packed(kind, make(0)))
    for name, value in (("setpoint", ua.Variant(5, Type.Int16)), ("label", ua.Variant("-", Type.String))):
        node = await line.add_variable(ua.NodeId(name, space), f"{space}:{name}", value)
        await node.set_writable()
    await line.add_variable(ua.NodeId("fixed", space), f"{space}:fixed", ua.Variant(7, Type.Int16))
    many = await server.nodes.objects.add_folder(ua.NodeId("Many", space), f"{space}:Many")
    for i in range(MANY):
        await many.add_variable(ua.NodeId(f"many{i}", space), f"{space}:many{i}", ua.Variant(i, Type.Int32))
    return space, ids


async def main():
    logging.disable(logging.CRITICAL)
    server = Server()
    await server.init()
    server.set_endpoint(f"opc.tcp://{sys.argv[5]}:{port}{sys.argv[6]}")
    server.socket_address = ("127.0.0.1", port)
    server.set_security_policy([ua.SecurityPolicyType.NoSecurity])
    space, ids = await build(server)
    print("built", flush=True)
    commands = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(commands), sys.stdin)
    while line := (await commands.readline()).decode().split():
        if line[0] == "listen":
            await change(server, ids)
            await server.start()
            print("ready", flush=True)
        elif line[0] == "change":
            for _ in range(int(line[1])):
                await change(server, ids)
            print("changed", flush=True)
        elif line[0] == "remove":
            await server.delete_nodes([server.get_node(ids.pop(line[1]))])
            del NODES[line[1]]
        elif line[0] == "read":
            print(json.dumps(await server.get_node(ua.NodeId(line[1], space)).read_value()), flush=True)


asyncio.run(main())
