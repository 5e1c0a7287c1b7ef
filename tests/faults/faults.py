# SPDX-License-Identifier: Apache-2.0
"""The fault matrix: what is done to each driver, and what must be seen. Common faults; the others are in their own files."""

import socket
import time

import exceptions
import hostile
import special
from peer_tools import wait_until
from proxy import Delay, Hold, Mode, Refuse, Trickle

SILENCE, DOWN = 60, 20  # seconds
# Room for a loaded machine on top of each bound in seconds.
SLACK = 2
RECOVERY = 10


def detection(site):
    return site.loss_patience * (site.timeout + site.period)


def silent(cell, begin, end, what):
    """F1 and F2: nothing comes for SILENCE seconds, and nobody says why."""
    site = cell.site
    cell.begin()
    mark, started = len(site.drive.samples()), time.monotonic()
    begin()
    bound = detection(site)
    took = cell.attempt(site.wait_lost, mark, f"the loss after {what}", SILENCE - 5)
    if took is not None:
        cell.say(f"noticed after {took:.1f} s")
        cell.want(took <= bound + SLACK, f"noticed after {took:.1f} s, not within {bound:.1f} s")
    time.sleep(max(0.0, SILENCE - (time.monotonic() - started)))  # the fault itself
    second = len(site.drive.samples())
    end()
    took = cell.attempt(site.wait_good, second, "values after the silence", 90)
    if took is not None:
        cell.say(f"back after {took:.1f} s")
        cell.want(took <= RECOVERY + SLACK, f"values only {took:.1f} s after the end of the fault, not within {RECOVERY} s")
        cell.attempt(site.lost_once, mark)
    cell.attempt(lambda: wait_until(lambda: site.proxy.open_connections() == 1, "one connection at the peer", 120))
    stats = cell.finish()
    if stats:
        cell.say(f"{SILENCE} s of silence, {stats['reconnects']} reconnects, {stats['late_dropped']} late answers dropped")


def half_open(cell):
    silent(cell, lambda: cell.net.drop(cell.site.proxy), lambda: cell.net.restore(cell.site.proxy), "the drop")
    cell.say(cell.net.means())


def hung(cell):
    silent(cell, cell.site.freeze, cell.site.thaw, "SIGSTOP")


class Counted(Delay):
    """A delay that counts how many requests wait for their answers; one chunk is one frame here."""

    def __init__(self, seconds):
        super().__init__(seconds)
        self.waiting = self.most = 0

    async def up(self, connection, data):
        self.waiting += 1
        self.most = max(self.most, self.waiting)
        connection.send_up(data)

    async def down(self, connection, data):
        await super().down(connection, data)
        self.waiting -= 1


def slow(cell):
    site = cell.site
    timeout = {"modbus": {"timeout_ms": 8000}, "opcua": {"timeout_ms": 120000}, "mqtt": {"keep_alive_s": 60}}[site.driver]
    cell.begin(link=timeout)
    proxy = site.proxy
    before = site.drive.memory()
    for seconds in (0.2, 1, 5):
        mode = proxy.set(Counted(seconds))
        mark = len(site.drive.samples())
        took = cell.attempt(site.wait_good, mark, f"values at {seconds} s for each answer", 150)
        cell.say(f"{seconds} s an answer: all points in {took:.1f} s" if took else f"{seconds} s an answer: nothing")
        if site.driver == "modbus":
            cell.want(mode.most <= 1, f"{mode.most} requests in flight at {seconds} s an answer")
    site.paused.set()
    proxy.set(Mode())
    mark = len(site.drive.samples())
    site.paused.clear()
    cell.attempt(site.wait_good, mark, "values at full speed")
    if site.driver != "modbus":
        site.paused.set()  # a byte at a time is less than what the peer would say
    proxy.set(Trickle(0.05))
    mark = len(site.drive.samples())
    if site.driver != "modbus":
        site.paused.clear()
        site.tick()
        site.paused.set()
    took = cell.attempt(site.wait_good, mark, "values byte by byte", 240)
    cell.say(f"1 byte each 50 ms: all points in {took:.1f} s" if took else "1 byte each 50 ms: nothing")
    proxy.set(Mode())
    site.paused.clear()
    mark = len(site.drive.samples())
    cell.attempt(site.wait_good, mark, "values at full speed again")
    grown = site.drive.memory() - before
    cell.want(grown < 32 << 20, f"{grown >> 20} MB more memory")
    cell.attempt(site.check_order)
    cell.want(proxy.total == 1, f"{proxy.total - 1} reconnects, though the peer answered in time")
    site.patience_ms = 9000  # an answer may be as old as the slowest
    stats = cell.finish()
    if stats:
        cell.want(site.driver != "modbus" or stats["overruns"] > 0, "no overrun was counted")
        cell.say(f"{stats['overruns']} overruns counted")


def reboot(cell):
    site = cell.site
    cell.begin()
    mark = len(site.drive.samples())
    attempts = len(site.proxy.attempts)
    site.kill()
    down = time.time_ns()
    started = time.monotonic()
    took = cell.attempt(site.wait_lost, mark, "the loss", detection(site) + 15)
    cell.say(f"noticed after {took:.1f} s" if took is not None else "not noticed")
    time.sleep(max(0.0, DOWN - (time.monotonic() - started)))  # the fault itself
    second = len(site.drive.samples())
    up = time.time_ns()
    stale = [s for s in site.drive.samples()[mark:] if s["quality"] >> 14 == 0 and not s["flags"] & 16
             and down + 2_000_000_000 < s["received"] < up]
    cell.want(not stale, f"good though the device was off: {stale[:1]}")
    site.start()
    took = cell.attempt(site.wait_good, second, "values after the restart", 120)
    if took is not None:
        cell.say(f"back {took:.1f} s after the restart")
        cell.want(took <= RECOVERY + SLACK, f"values only {took:.1f} s after the restart, not within {RECOVERY} s")
        cell.attempt(site.lost_once, mark)
    gaps = [b - a for a, b in zip(site.proxy.attempts[attempts:], site.proxy.attempts[attempts + 1:])]
    if len(gaps) > 2:
        cell.want(len({round(gap, 2) for gap in gaps}) > 1, f"attempts without jitter: {gaps}")
    cell.finish()


def refused(cell):
    """All but one connection are reset, and somebody else has the one."""
    site = cell.site
    cell.begin()
    proxy = site.proxy
    mark = len(site.drive.samples())
    mode = Refuse(keep=1)
    proxy.set(Hold())
    proxy.cut(reset=True)
    wait_until(lambda: proxy.open_connections() == 0, "all closed")
    first = len(proxy.attempts)
    with socket.create_connection(("127.0.0.1", proxy.port)):
        wait_until(lambda: proxy.open_connections() >= 1, "the other client")
        proxy.set(mode)
        begin = time.monotonic()
        time.sleep(30)  # the time in which a storm would show
        during = time.monotonic() - begin
    attempts = proxy.attempts[first:]
    gaps = [b - a for a, b in zip(attempts, attempts[1:])]
    cell.say(f"{mode.refused} attempts in {during:.0f} s, the closest {min(gaps, default=0) * 1000:.0f} ms apart")
    # Full jitter under a limit that doubles from 0.5 s: 2 s at most make about 30 in 30 s, 10 s and more far fewer.
    cell.want(1 <= mode.refused <= 45, f"{mode.refused} attempts in {during:.0f} s")
    bunches = sum(1 for a, b, c in zip(gaps, gaps[1:], gaps[2:]) if a + b + c < 0.15)
    cell.want(bunches == 0, f"{bunches} times four attempts within 150 ms")
    proxy.set(Mode())
    second = len(site.drive.samples())
    took = cell.attempt(site.wait_good, second, "values after the other client left", 120)
    if took is not None:
        cell.say(f"back after {took:.1f} s")
    cell.attempt(site.lost_once, mark)
    cell.finish()


def endless(cell, wanted=5000):
    """Each connection is closed at once, thousands of times."""
    site = cell.site
    drive = {}
    if site.driver == "modbus":  # a request that ended the connection rests; others must be there to be asked meanwhile
        drive = {"link": {"reconnect_max_s": 1},
                 "more": [{"address": f"hr:#{3000 + 200 * i}", "type": "int64", "period_ms": 100} for i in range(100)]}
    cell.begin(reconnect_ms=20, **drive)
    proxy, drive = site.proxy, site.drive
    mode = proxy.set(Refuse(reset=False))
    proxy.cut()
    begin = time.monotonic()
    wait_until(lambda: mode.refused >= wanted // 10, f"{wanted // 10} reconnects", 1200)
    memory, files, lines = drive.memory(), drive.files(), len(drive.log_lines())
    wait_until(lambda: mode.refused >= wanted or not drive.alive(), f"{wanted} reconnects", 1200)
    if not cell.want(drive.alive(), "karez-drive died"):
        return
    grown = (drive.memory() - memory) / memory
    cell.want(grown <= 0.02, f"memory grew by {grown:.1%} from {memory >> 10} kB")
    cell.want(abs(drive.files() - files) <= 1, f"{files} open files became {drive.files()}")
    driver_lines = sum(1 for line in drive.log_lines()[lines:] if " drive" not in line)
    cell.want(driver_lines <= wanted // 10, f"{driver_lines} lines of log")
    cell.say(f"{mode.refused} reconnects in {time.monotonic() - begin:.0f} s: memory {grown:+.1%} of {memory >> 10} kB, "
             f"open files {files} to {drive.files()}, {driver_lines} lines of log by the driver")
    proxy.set(Mode())
    second = len(drive.samples())
    cell.attempt(site.wait_good, second, "values at the end", 120)
    cell.finish()


FAULTS = {
    "F1": ("half-open connection, 60 s", half_open),
    "F2": ("hung peer, 60 s", hung),
    "F3": ("slow device", slow),
    "F4": ("garbage", hostile.garbage),
    "F5": ("protocol exceptions", exceptions.exceptions),
    "F6": ("device restart", reboot),
    "F7": ("part of the addresses missing", special.partial),
    "F8": ("clock skew", special.skew),
    "F9": ("one dead unit of 32", special.dead_unit),
    "F10": ("connection limit reached", refused),
    "F11": ("5,000 reconnects", endless),
    "F12": ("answer to a write lost", special.lost_answer),
    "F13": ("writes under load", special.write_burst),
    "F14": ("configuration change", special.change),
    "F18": ("malicious peer", hostile.malicious),
}
