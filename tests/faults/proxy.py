# SPDX-License-Identifier: Apache-2.0
"""A TCP proxy between a driver and its peer that does to the bytes what bad networks and devices do."""

import asyncio
import socket
import struct
import threading
import time

RESET = struct.pack("ii", 1, 0)


class Connection:
    """One connection of the driver (near) with the peer (far, None when the proxy itself is the peer)."""

    def __init__(self, near):
        self.near, self.far = near, None
        self.begun, self.ended = time.monotonic(), None
        self.up_bytes = self.down_bytes = 0
        self.state = {}  # for the mode in force

    def send_down(self, data):
        self.down_bytes += len(data)
        if not self.near.is_closing():
            self.near.write(data)

    def send_up(self, data):
        self.up_bytes += len(data)
        if self.far and not self.far.is_closing():
            self.far.write(data)


class Mode:
    """What the proxy does. This one passes everything on."""

    serves = False  # True: the peer is not asked, `up` gets what the driver says

    async def accepted(self, connection):
        """False: do not go on with it."""
        return True

    async def up(self, connection, data):
        connection.send_up(data)

    async def down(self, connection, data):
        connection.send_down(data)


class Hold(Mode):
    """Nothing passes, nothing is closed: the weaker stand-in for dropped packets."""

    def __init__(self):
        self.open = asyncio.Event()

    async def accepted(self, connection):
        await self.open.wait()
        return True

    async def up(self, connection, data):
        await self.open.wait()
        connection.send_up(data)

    async def down(self, connection, data):
        await self.open.wait()
        connection.send_down(data)


class HoldAnswers(Mode):
    """Requests arrive, answers do not, until it ends with the connection."""

    async def down(self, connection, data):
        pass


class Delay(Mode):
    def __init__(self, seconds):
        self.seconds = seconds

    async def down(self, connection, data):
        await asyncio.sleep(self.seconds)
        connection.send_down(data)


class Trickle(Mode):
    """One byte a segment."""

    def __init__(self, pause, both=False):
        self.pause, self.both = pause, both

    async def down(self, connection, data):
        for at in range(len(data)):
            connection.send_down(data[at:at + 1])
            await asyncio.sleep(self.pause)

    async def up(self, connection, data):
        if not self.both:
            connection.send_up(data)
            return
        for at in range(len(data)):
            connection.send_up(data[at:at + 1])
            await asyncio.sleep(self.pause)


class Refuse(Mode):
    """Connections are taken and reset, or closed, at once. `keep` of them at a time are served."""

    def __init__(self, reset=True, keep=0):
        self.reset, self.keep, self.refused = reset, keep, 0

    async def accepted(self, connection):
        others = [c for c in connection.proxy.connections if c.ended is None and c is not connection]
        if len(others) < self.keep:
            return True
        self.refused += 1
        if self.reset:
            connection.near.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        return False


class Proxy:
    """Listens on a port of its own. Thread: any; its loop runs in one of its own."""

    def __init__(self, port, host="127.0.0.1"):
        self.server_port, self.host = port, host
        self.mode, self.connections = Mode(), []
        self.total, self.attempts = 0, []  # monotonic time of each connection, of the last 20,000
        self.loop = asyncio.new_event_loop()
        started = threading.Event()
        threading.Thread(target=self.run, args=(started,), daemon=True).start()
        assert started.wait(20)

    def run(self, started):
        asyncio.set_event_loop(self.loop)

        async def begin():
            self.server = await asyncio.start_server(self.serve, self.host, 0, backlog=200)
            self.port = self.server.sockets[0].getsockname()[1]
            started.set()

        self.loop.create_task(begin())
        self.loop.run_forever()

    def do(self, task):
        return asyncio.run_coroutine_threadsafe(task, self.loop).result(30)

    def set(self, mode):
        """The mode from now on, for what already runs as well; what a Hold keeps is let go."""
        async def change():
            before, self.mode = self.mode, mode
            if isinstance(before, Hold):
                before.open.set()
        self.do(change())
        return mode

    def open_connections(self):
        return sum(1 for c in list(self.connections) if c.ended is None)

    def cut(self, reset=False):
        async def all_of_them():
            for c in self.connections:
                if c.ended is None:
                    if reset:
                        c.near.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
                    c.near.close()
                    if c.far:
                        c.far.close()
        self.do(all_of_them())

    def inject(self, data):
        """To the driver, between two answers."""
        async def send():
            for c in self.connections:
                if c.ended is None:
                    c.send_down(data)
        self.do(send())

    def close(self):
        try:
            self.cut()
        finally:
            self.loop.call_soon_threadsafe(self.loop.stop)

    async def serve(self, reader, near):
        connection = Connection(near)
        connection.proxy = self
        self.total += 1
        self.attempts = self.attempts[-20_000:] + [connection.begun]
        self.connections = [c for c in self.connections if c.ended is None] + [connection]
        near.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        tasks = []
        try:
            if not await self.mode.accepted(connection):
                return
            tasks = [asyncio.create_task(self.carry(connection, reader, up=True))]
            if not self.mode.serves:
                far_reader, connection.far = await asyncio.open_connection(self.host, self.server_port)
                tasks.append(asyncio.create_task(self.carry(connection, far_reader, up=False)))
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        except OSError:
            pass
        finally:
            for task in tasks:
                task.cancel()
            connection.ended = time.monotonic()
            for end in (near, connection.far):
                if end:
                    end.close()

    async def carry(self, connection, reader, up):
        try:
            while data := await reader.read(65536):
                if up:
                    while self.mode.serves is False and connection.far is None:
                        await asyncio.sleep(0.005)
                    await self.mode.up(connection, data)
                    await connection.far.drain() if connection.far else await connection.near.drain()
                else:
                    await self.mode.down(connection, data)
                    await connection.near.drain()
        except OSError:
            pass
