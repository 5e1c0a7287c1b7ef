# SPDX-License-Identifier: Apache-2.0
"""The Modbus driver against pymodbus and modbus-serial, each with a truth file of its own."""

import time

import pytest

from modbus_rig import KEYS, check_against_truth, good
from peer_tools import wait_until

PEERS = [("pymodbus", "tcp"), ("pymodbus", "rtu"), ("modbus-serial", "tcp")]
GAP, FIRST_AFTER_GAP = 16, 8


@pytest.mark.parametrize(("kind", "framing"), PEERS)
def test_what_is_stored_is_what_the_peer_exposed(peer, drive, kind, framing):
    p = peer(kind, framing=framing)
    d = drive(p)
    wait_until(lambda: len(p.truth("counter")) >= 25, "25 changes")
    stats = d.stop()
    checked = check_against_truth(d, p)
    requests = stats["requests"]
    print(f"{kind} {framing}: {checked} samples checked, {requests} requests")
    assert stats["lost"] == stats["timeouts"] == stats["framing_errors"] == stats["exceptions"] == 0
    for place in range(len(KEYS)):
        assert len(d.samples(place)) <= requests
        assert [s["flags"] for s in d.samples(place)].count(FIRST_AFTER_GAP) == 1
    # counter, real, swapped; far; text; wide; input; coil; discrete: seven requests a turn, not nine
    assert requests <= 7 * (len(d.samples(0)) + 1)


@pytest.mark.parametrize("kind", ["pymodbus", "modbus-serial"])
def test_a_hung_peer_leaves_one_gap_and_no_wrong_value(peer, drive, kind):
    p = peer(kind)
    d = drive(p)
    wait_until(lambda: len(d.samples(0)) > 5, "first values")
    begin = time.time_ns()
    p.freeze()
    wait_until(lambda: any(s["flags"] & GAP for s in d.samples(0)), "the gap", 10)
    time.sleep(1)  # a real peer's silence cannot be waited for otherwise
    p.thaw()
    wait_until(lambda: sum(s["flags"] == FIRST_AFTER_GAP for s in d.samples(0)) == 2, "the recovery", 10)
    end = time.time_ns() + 500_000_000
    wait_until(lambda: len([s for s in d.samples(0) if s["time"] > end]) > 10, "values afterwards")
    d.stop()
    # While it was frozen nothing changed, but answers it owed came late: none of them may count.
    check_against_truth(d, p, patience_ms=600, holes=[(begin - 1_000_000_000, end + 1_000_000_000)])
    for place in range(len(KEYS)):
        samples = d.samples(place)
        assert sum(1 for s in samples if s["flags"] & GAP) == 1
        assert sum(1 for s in samples if not good(s)) == 1
        assert sum(1 for s in samples if s["flags"] & FIRST_AFTER_GAP) == 2


@pytest.mark.parametrize("kind", ["pymodbus", "modbus-serial"])
def test_a_restarted_peer_is_found_again(peer, drive, kind):
    p = peer(kind)
    d = drive(p)
    wait_until(lambda: len(d.samples(0)) > 5, "first values")
    begin = time.time_ns()
    p.kill()
    wait_until(lambda: any(s["flags"] & GAP for s in d.samples(0)), "the gap", 10)
    p.start()
    wait_until(lambda: sum(s["flags"] == FIRST_AFTER_GAP for s in d.samples(0)) == 2, "the recovery", 10)
    end = time.time_ns()
    wait_until(lambda: len([s for s in d.samples(0) if s["time"] > end]) > 10, "values afterwards")
    d.stop()
    check_against_truth(d, p, holes=[(begin - 1_000_000_000, end + 1_000_000_000)])
    for place in range(len(KEYS)):
        assert sum(1 for s in d.samples(place) if s["flags"] & GAP) == 1


@pytest.mark.parametrize(("kind", "framing"), PEERS)
def test_writes_arrive_as_meant(peer, drive, kind, framing):
    p = peer(kind, framing=framing, pause=3600)
    d = drive(p, more=[{"address": "hr:#1000", "type": "double", "scale": 0.5},
                       {"address": "hr:#1010:f32:cdab", "type": "double"},
                       {"address": "co:#50", "type": "bool"},
                       {"address": "hr:#1020:string[6]", "type": "string"}])
    wait_until(lambda: d.samples(0), "first values")
    place = len(KEYS)
    for line, back in ((f"{place} 21", "42"), (f"{place + 1} 1234.5", "1234.5"), (f"{place + 2} true", "true"),
                       (f"{place + 3} Müsli", "Müsli")):
        d.command("write " + line)
        answer = d.answer()
        assert answer["outcome"] == "done", answer
        assert answer["read_back"] == back
    d.command(f"write {place} 70000")
    answer = d.answer()
    assert answer["outcome"] == "refused" and "above the largest value" in answer["error"]
    memory = {}
    for line in p.written():
        for i, value in enumerate(line["values"]):
            memory[line["written"] + i] = value
    assert memory[1000] == 42 and memory[1010] == 0x5000 and memory[1011] == 0x449A and memory[50] in (True, 1)
    assert memory[1020] == int.from_bytes("Mü".encode()[:2], "big")


def test_registers_the_peer_does_not_have_hurt_only_themselves(peer, drive):
    p = peer("modbus-serial")
    # Beyond the last register the peer answers with an exception to the whole request.
    d = drive(p, more=[{"address": "hr:#65530", "type": "int64"}, {"address": "hr:xyz", "type": "int64"}])
    wait_until(lambda: len(p.truth("counter")) >= 8, "8 changes")
    d.stop()
    check_against_truth(d, p)
    wrong = d.samples(len(KEYS) + 1)
    assert len(wrong) == 1 and wrong[0]["quality"] == 0x8089
