# SPDX-License-Identifier: Apache-2.0
"""Live values over WebSocket: credit, conflation, log-in."""

import json
import time

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect


@pytest.fixture(scope="module")
def points(lines, points_of):
    lines("live,k=a v=1\nlive,k=b v=2\n")
    return points_of("test/live", 2)


@pytest.fixture
def live(server, token_client, contract):
    client = token_client("viewer")
    url = f"ws://127.0.0.1:{server.port}/api/v1/t/{client.tenant}/live"
    with connect(url, additional_headers={"Authorization": f"Bearer {client.secret}"}, close_timeout=1) as socket:
        def send(message, valid=True):
            if valid:
                contract.check({"$ref": "#/components/schemas/LiveClientMessage"}, message, "client message")
            socket.send(json.dumps(message))

        def receive(timeout=6):
            message = json.loads(socket.recv(timeout))
            contract.check({"$ref": "#/components/schemas/LiveServerMessage"}, message, "server message")
            return message

        def values(timeout=6):
            """The next message that holds values; acknowledges what it receives."""
            end = time.monotonic() + timeout
            while time.monotonic() < end:
                message = receive(timeout)
                assert "error" not in message, message
                send({"op": "ack", "seq": message["seq"]})
                if message["values"]:
                    return message
            raise AssertionError("no values came")
        socket.say, socket.hear, socket.values = send, receive, values
        yield socket


def test_sends_the_latest_values_at_once_and_then_changes(live, lines, points):
    live.say({"op": "subscribe", "points": list(points.values()), "interval_ms": 100})
    first = live.values()
    assert {v[0] for v in first["values"]} == set(points.values())
    lines("live,k=a v=5")
    second = live.values()
    assert [(v[0], v[2]) for v in second["values"]] == [(points["v{k=a}"], 5)]


def test_conflates_to_the_newest_value_while_the_client_is_silent(live, lines, points):
    live.say({"op": "subscribe", "points": list(points.values()), "interval_ms": 100})
    message = live.hear()
    while not message["values"]:
        live.say({"op": "ack", "seq": message["seq"]})
        message = live.hear()
    for i in range(10):
        lines(f"live,k=a v={100 + i}")
    with pytest.raises(TimeoutError):
        live.recv(0.5)  # no credit, no message
    live.say({"op": "ack", "seq": message["seq"]})
    assert [v[2] for v in live.values()["values"]] == [109]


def test_closes_without_an_ack_within_ten_seconds(live, points):
    live.say({"op": "subscribe", "points": list(points.values())})
    start = time.monotonic()
    with pytest.raises(ConnectionClosed) as closed:
        while True:
            live.recv(15)
    assert closed.value.rcvd.code == 4008 and 8 < time.monotonic() - start < 14


def test_answers_what_cannot_be_obeyed_and_lives_on(live, points):
    for message, slug in [({"op": "dance"}, "request.invalid"), ({"op": "subscribe", "points": ["x"]}, "request.invalid"), ({"op": "ack", "seq": 999}, "live.wrong_seq")]:
        live.say(message, valid=False)
        while "error" not in (answer := live.hear()):
            live.say({"op": "ack", "seq": answer["seq"]})
        assert answer["error"]["slug"] == slug
    live.say({"op": "subscribe", "points": list(points.values())})
    assert live.values()


def test_a_missing_point_does_not_take_the_others_away(live, points):
    live.say({"op": "subscribe", "points": ["p999999", *points.values(), "p999998"]})
    while "missing" not in (answer := live.hear()):
        live.say({"op": "ack", "seq": answer["seq"]})
    assert answer["missing"] == ["p999999", "p999998"]
    live.say({"op": "unsubscribe", "points": []})
    seen = set()
    while seen != set(points.values()):
        message = live.hear()
        live.say({"op": "ack", "seq": message["seq"]})
        seen |= {v[0] for v in message["values"]}


def test_who_does_not_read_is_cut_off(live):
    with pytest.raises(ConnectionClosed) as closed:
        for i in range(200):
            live.send(json.dumps({"op": "ack", "seq": i + 1}))
        while True:
            live.recv(5)
    assert closed.value.rcvd.code == 1008


def test_an_oversized_message_closes_the_socket(live):
    live.send(json.dumps({"op": "subscribe", "points": ["p1"] * 20_000}))
    with pytest.raises(ConnectionClosed):
        while True:
            live.recv(5)


def test_refuses_strangers_and_foreign_origins(server, owner, points):
    url = f"ws://127.0.0.1:{server.port}/api/v1/t/{owner.tenant}/live"
    cookie = {"Cookie": f"karez_session={owner.http.cookies['karez_session']}"}
    for headers, origin, status in [({}, None, 401), ({"Authorization": "Bearer kz_wrong"}, None, 401), (cookie, "http://evil.example", 403), (cookie, None, 403)]:
        with pytest.raises(InvalidStatus) as refused:
            connect(url, additional_headers=headers, origin=origin)
        assert refused.value.response.status_code == status
    with connect(url, additional_headers=cookie, origin=f"http://127.0.0.1:{server.port}") as socket:
        socket.send(json.dumps({"op": "subscribe", "points": list(points.values())}))
        assert json.loads(socket.recv(5))["seq"] > 0


def test_the_address_speaks_websocket_only(owner):
    assert owner.get("live", 426).json()["slug"] == "request.upgrade"


def test_closes_when_the_log_in_ends(server, contract, owner):
    made = owner.post("tokens", {"name": "short lived", "role": "viewer"}).json()
    url = f"ws://127.0.0.1:{server.port}/api/v1/t/{owner.tenant}/live"
    with connect(url, additional_headers={"Authorization": f"Bearer {made['secret']}"}) as socket:
        owner.call("DELETE", f"tokens/{made['token']['id']}", status=204)
        with pytest.raises(ConnectionClosed) as closed:
            for _ in range(20):
                message = json.loads(socket.recv(15))
                socket.send(json.dumps({"op": "ack", "seq": message["seq"]}))
        assert closed.value.rcvd.code == 4001
