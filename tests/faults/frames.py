# SPDX-License-Identifier: Apache-2.0
"""Modes of the proxy that know where a frame begins."""

import struct

from proxy import Mode


class Framed(Mode):
    """Calls `request` and `answer` with whole frames; they return what goes on, None for nothing."""

    def size(self, data):
        """Of the frame at the beginning, None when too few bytes are there."""
        raise NotImplementedError

    def request(self, connection, frame):
        return frame

    def answer(self, connection, frame):
        return frame

    def split(self, connection, side, data):
        rest = connection.state.get(side, b"") + data
        while (size := self.size(rest)) is not None and len(rest) >= size:
            yield rest[:size]
            rest = rest[size:]
        connection.state[side] = rest

    async def up(self, connection, data):
        for frame in self.split(connection, "up", data):
            if (frame := self.request(connection, frame)) is not None:
                connection.send_up(frame)

    async def down(self, connection, data):
        for frame in self.split(connection, "down", data):
            if (frame := self.answer(connection, frame)) is not None:
                connection.send_down(frame)


class Mbap(Framed):
    def size(self, data):
        return 6 + int.from_bytes(data[4:6], "big") if len(data) >= 6 else None

    @staticmethod
    def covers(frame, address, functions=(1, 2, 3, 4)):
        """The request asks for this address."""
        if len(frame) < 12 or frame[7] not in functions:
            return False
        begin, count = struct.unpack(">HH", frame[8:12])
        return begin <= address < begin + count

    @staticmethod
    def exception(frame, code):
        return frame[:4] + b"\0\3" + frame[6:7] + bytes([frame[7] | 0x80, code])


class Opc(Framed):
    def size(self, data):
        return max(8, int.from_bytes(data[4:8], "little")) if len(data) >= 8 else None


class Mqtt(Framed):
    def size(self, data):
        length, shift = 0, 0
        for at, byte in enumerate(data[1:5]):
            length |= (byte & 0x7F) << shift
            shift += 7
            if not byte & 0x80:
                return 2 + at + length
        return None


FRAMES = {"modbus": Mbap, "opcua": Opc, "mqtt": Mqtt}
