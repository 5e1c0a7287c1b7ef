# SPDX-License-Identifier: Apache-2.0
"""Input that means harm: refused with a reason, and the server lives on."""

import json
import socket
import time

import pytest


@pytest.fixture(autouse=True)
def still_alive(owner):
    yield
    assert owner.get("/healthz").json() == {"status": "ok"}


def raw(server, data, wait=5.0):
    """Sends bytes, answers everything that comes until the server closes or falls silent."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=wait) as s:
        s.sendall(data)
        got = b""
        try:
            while chunk := s.recv(65536):
                got += chunk
                if b"\r\n\r\n" in got and b"close" not in got.lower():
                    break
        except TimeoutError:
            pass
        return got


def refused(owner, content, content_type="application/json", path="equipment"):
    response = owner.http.post(owner.path(path), content=content, headers={"Content-Type": content_type})
    owner.contract.check_response("POST", owner.path(path), response)
    return response.status_code, response.json()["slug"]


def test_oversized_bodies(owner, server):
    assert refused(owner, b"[" + b"1," * (1 << 20) + b"1]") == (413, "request.too_large")
    assert raw(server, b"POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n").startswith(b"HTTP/1.1 413")


def test_deep_json(owner):
    assert refused(owner, b"[" * 100_000) == (400, "json.too_deep")
    assert refused(owner, b'{"a":' * 5_000 + b"1" + b"}" * 5_000) == (400, "json.too_deep")


@pytest.mark.parametrize("body", [b"", b"{", b"nul", b'{"a":1}x', b'{"name":"\xff\xfe"}', b'{"name":"\xed\xa0\x80"}', b"\x00", b"{'a':1}"])
def test_malformed_json(owner, body):
    status, slug = refused(owner, body)
    assert status == 400 and slug.startswith("json.")


def test_wrong_types_everywhere(owner):
    for value in [None, True, 5, "x", [], [{}], {"parent": {}}, {"parent": "e1", "level": 7, "name": ["x"]}]:
        assert refused(owner, json.dumps(value).encode())[0] == 400, value


def test_huge_counts(owner):
    ids = ",".join(f"p{i}" for i in range(1, 1002))
    assert owner.get("values", params={"points": ids}, status=400).json()["slug"] == "request.too_many"
    assert refused(owner, json.dumps([{}] * 10_001).encode(), path="points") == (400, "request.too_many")
    body = {"points": [f"p{i}" for i in range(1, 52)], "from": "2026-01-01T00:00:00Z", "to": "2026-01-02T00:00:00Z", "width": 100}
    assert owner.call("POST", "history/trend", body, 400).json()["errors"][0]["slug"] == "request.too_many"


def test_strange_paths_and_parameters(owner, server):
    for path in ["/api/v1/t/t1/devices/%2e%2e%2f", "/../../etc/passwd", "/api/v1/../../x.y", "/%00", "/%ff%fe", "/api/" + "a/" * 200, "/" + "x" * 5000]:
        got = raw(server, f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        assert got[:12] in (b"HTTP/1.1 404", b"HTTP/1.1 401", b"HTTP/1.1 403", b"HTTP/1.1 400"), (path, got[:100])
        assert b"root:" not in got
    assert owner.http.get(owner.path("devices") + "?limit=%zz&q=%ff").status_code in (200, 400)
    assert owner.http.get(owner.path("devices"), params={"q": "x" * 5000}).status_code == 400
    for id in ["d0", "d-1", "d01", "d99999999999999999999999", "e1", "d1'", "d1 OR 1=1"]:
        assert owner.http.get(owner.path(f"devices/{id}")).status_code == 404, id


def test_methods_and_media_types(owner):
    wrong = owner.http.put(owner.path("devices"))
    assert wrong.status_code == 405 and set(wrong.headers["allow"].split(", ")) == {"GET", "POST"}
    assert refused(owner, b"<a/>", "text/xml") == (415, "request.media_type")


def test_header_floods_and_broken_requests(server):
    raw(server, b"GET /healthz HTTP/1.1\r\nHost: x\r\nX: " + b"y" * 200_000 + b"\r\n\r\n", 2)
    many = b"".join(b"X-%d: y\r\n" % i for i in range(500))
    assert raw(server, b"GET /healthz HTTP/1.1\r\nHost: x\r\n" + many + b"\r\n").startswith(b"HTTP/1.1 431")
    raw(server, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 200, 2)
    raw(server, b"GET / HTTP/9.9\r\n\r\n", 2)
    raw(server, b"NONSENSE\r\n\r\n", 2)
    raw(server, b"POST /write?db=x HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\nabc", 2)
    raw(server, b"POST /write?db=x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nffffffffff\r\n", 2)


def test_slow_clients_do_not_hold_up_others(owner, server):
    slow = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(50)]
    try:
        for s in slow:
            s.sendall(b"POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{")
        start = time.monotonic()
        for _ in range(20):
            owner.get("devices")
        assert time.monotonic() - start < 5
    finally:
        for s in slow:
            s.close()


def test_bodies_of_line_protocol_that_mean_harm(lines):
    lines(b"\x00" * 1000, 400)
    lines(b"\xff" * 1000, 400)
    lines(b"m,t=" + b"x" * 9000 + b" v=1", 400)
    lines(b"m v=" + b"9" * 9000, 400)
    lines(b'm v="' + b"x" * 20_000 + b'"', 400)
    lines(b"m " + b"f=1," * 5000 + b"f=1", 400)
    lines(b"m v=\"open", 400)
    lines(b"\n" * 100_000, 204)
    problem = lines(b"bad\n" * 5000, 400).json()
    assert len(problem["errors"]) == 1000 and problem["errors_total"] == 5000
