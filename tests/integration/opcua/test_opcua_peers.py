# SPDX-License-Identifier: Apache-2.0
"""The OPC UA client against asyncua and node-opcua, each with a truth file of its own."""

import socket
import threading

import pytest
from peer_tools import free_port, wait_until

from opcua_rig import CHANGING, FIRST_AFTER_GAP, GAP, KINDS, NAMESPACE, NOT_CONNECTED, SUBSTITUTED, Peer, point


def try_out(owner, link, *addresses, status=200):
    return owner.post("drivers/opcua/test", {"link": link, "addresses": list(addresses)}, status).json()


def test_every_value_is_stored_once_in_order_with_its_time_and_quality(peer, source):
    begin = {node: len(peer.truth(node)) - 1 for node in CHANGING}  # the value at the time of subscribing comes first
    s = source([point(node) for node in CHANGING], queue_size=1000, every_change=True)
    s.wait_for_first()
    peer.change(150)  # a burst, far faster than the publishing interval
    for node in CHANGING:
        s.wait_for_time(node, peer.truth(node)[-1][0])
    total = 0
    for node in CHANGING:
        truth = peer.truth(node)[begin[node]:]
        samples = s.samples(node)
        assert s.stored(node, samples) == truth, node
        total += len(truth)
        for sample in samples:
            assert bool(sample["f"] & GAP) == (sample["v"] is None), f"{node}: {sample}"
    stats = s.stats()
    print(f"{peer.kind}: {total} values, {stats}")
    assert total >= 2000 and {q for _, _, q in peer.truth("int16")} == {0, 0x0096, 0x4090, 0x808C, 0x809B}
    assert stats["samples_good"] + stats["samples_bad"] == total, "something was delivered twice"
    assert stats["lost"] == stats["overruns"] == stats["reconnects"] == 0


@pytest.mark.parametrize("limit", [1000, 333])
def test_a_large_folder_is_browsed_page_by_page_each_node_once(owner, peer, limit):
    link = {"endpoint": peer.endpoint}
    root = owner.post("drivers/opcua/browse", {"link": link}, 200).json()
    folders = {n["name"]: n for n in root["nodes"]}
    assert folders["Many"]["kind"] == "folder" and folders["Many"]["has_children"]
    seen, pages, where = [], 0, None
    while True:
        page = owner.post("drivers/opcua/browse", {"link": link, "node": folders["Many"]["id"], "continuation": where,
                                                   "limit": limit}, 200).json()
        assert len(page["nodes"]) <= limit
        seen += page["nodes"]
        pages += 1
        where = page["continuation"]
        if where is None:
            break
        assert pages < 10
    assert pages == -(-peer.many // limit)
    assert sorted(n["name"] for n in seen) == sorted(f"many{i}" for i in range(peer.many))
    assert all(n["type"] == "int64" and n["native_type"] == "Int32" and n["value"] == n["name"][4:] and not n["writable"]
               for n in seen)
    many = {"link": link, "node": folders["Many"]["id"]}
    for where, status in (("7", 400), (f"{limit}.0.{folders['Many']['id']}", 409), (f"9999.0.{folders['Many']['id']}", 409)):
        refused = owner.post("drivers/opcua/browse", {**many, "continuation": where}, status).json()
        assert refused["slug"] == "connect.browse_expired"
    # what the browse gave can be read
    first = try_out(owner, link, seen[0]["address"])
    assert first["ok"] and first["values"][0]["value"] == seen[0]["value"]


def test_a_write_arrives_and_a_refused_one_is_reported(peer, source):
    access = {"access": "read_write"}
    s = source([point("setpoint", scale=0.5, **access), point("label", **access), point("fixed", **access)])
    s.wait_for_first()
    done = s.write("setpoint", "21")
    assert done["result"] == "done" and done["read_back"] == "21", done  # as the point shows it, not as the node holds it
    assert peer.read("setpoint") == 42
    wait_until(lambda: s.latest("setpoint")["value"] == "21", "the written value to come back")
    assert s.write("label", "Müsli 早餐")["result"] == "done"
    assert peer.read("label") == "Müsli 早餐"

    refused = s.write("fixed", "8")
    assert refused["result"] == "refused" and refused["slug"] in ("opcua.not_writable", "opcua.denied"), refused
    assert refused["text"]
    assert peer.read("fixed") == 7
    too_large = s.write("setpoint", "40000")
    assert too_large["result"] == "refused" and too_large["slug"] == "opcua.out_of_range", too_large
    assert peer.read("setpoint") == 42
    assert s.stats()["writes_done"] == 2 and s.stats()["writes_refused"] == 2


def test_a_test_says_what_it_found_and_what_is_wrong(owner, peer):
    link = {"endpoint": peer.endpoint}
    good = try_out(owner, link, f"nsu={NAMESPACE};s=fixed", f"nsu={NAMESPACE};s=none", "nsu=urn:nowhere;s=fixed")
    assert good["ok"] and [s["name"] for s in good["steps"]] == ["connect", "identify", "read"]
    assert [v["quality"]["name"] for v in good["values"]] == ["Good", "BadNodeIdUnknown", "BadNodeIdUnknown"]
    assert good["values"][0]["value"] == "7" and good["identity"]["product"]

    nobody = try_out(owner, {"endpoint": f"opc.tcp://127.0.0.1:{free_port()}", "timeout_ms": 2000})
    assert not nobody["ok"] and [s["name"] for s in nobody["steps"]] == ["connect"]
    assert nobody["steps"][0]["slug"] == "opcua.unreachable" and nobody["steps"][0]["text"] and nobody["steps"][0]["cure"]

    wrong = try_out(owner, {"endpoint": peer.endpoint.replace("opc.tcp", "http")}, status=400)
    assert wrong["pointer"] == "/link/endpoint", wrong
    no_name = try_out(owner, {"endpoint": "opc.tcp://no-such-host.invalid:4840", "timeout_ms": 2000})
    assert not no_name["ok"] and no_name["steps"][0]["slug"] in ("opcua.unreachable", "opcua.timeout"), no_name


def is_reached(owner, *endpoints):
    for endpoint in endpoints:
        report = try_out(owner, {"endpoint": endpoint, "timeout_ms": 5000}, f"nsu={NAMESPACE};s=fixed")
        assert report["ok"] and report["values"][0]["value"] == "7", f"{endpoint}: {report}"


def test_a_server_is_reached_by_the_address_given_whatever_path_it_names(owner, peer, source):
    """OPC 10000-4 5.4.4: who knows only host and port asks there, and finds the endpoint by its security."""
    by_host = f"opc.tcp://127.0.0.1:{peer.port}"
    is_reached(owner, peer.endpoint, by_host, f"{by_host}/", f"{by_host}/other", f"{peer.endpoint}/",
               f"opc.tcp://localhost:{peer.port}/plant", f"opc.tcp://127.0.0.1:{peer.cable.port}/other")
    s = source([point("fixed")], endpoint=by_host)
    s.wait_for_first()
    assert s.latest("fixed")["value"] == "7"


@pytest.mark.parametrize("kind", KINDS)
def test_a_server_that_names_a_host_nobody_can_resolve_is_reached(owner, kind, tmp_path):
    stranger = Peer(tmp_path, kind, many=0, host="no-such-host.invalid", path="")
    try:
        stranger.listen()
        by_host = f"opc.tcp://127.0.0.1:{stranger.port}"
        is_reached(owner, by_host, f"{by_host}/", f"{by_host}/other")
    finally:
        stranger.end()


def test_a_port_that_is_no_opc_ua_server_is_an_error_in_time(owner):
    """One that never answers, and one that speaks something else."""
    for answer in (b"", b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            def serve(listener=listener, answer=answer):
                try:
                    other, _ = listener.accept()
                    other.recv(100)
                    if answer:
                        other.sendall(answer)
                    while other.recv(100):
                        pass
                except OSError:
                    pass
            threading.Thread(target=serve, daemon=True).start()
            report = try_out(owner, {"endpoint": f"opc.tcp://127.0.0.1:{listener.getsockname()[1]}", "timeout_ms": 1000})
            step = report["steps"][0]
            assert not report["ok"] and step["slug"].startswith("opcua.") and step["text"] and step["ms"] < 5000, report


def test_a_killed_server_that_comes_back_is_found_again(peer, source):
    nodes = ["boolean", "int64", "double", "string"]
    peer.get_ready()
    begin = {node: len(peer.truth(node)) - 1 for node in nodes}
    s = source([point(node) for node in nodes], queue_size=1000, every_change=True)
    s.wait_for_first()
    peer.change(20)
    for node in nodes:
        s.wait_for_time(node, peer.truth(node)[-1][0])
    before = {node: len(peer.truth(node)) for node in nodes}
    peer.kill()
    wait_until(lambda: all(s.newest(node)["f"] & GAP for node in nodes), "the loss")
    lost = s.state()
    assert lost["state"] in ("offline", "backoff", "connecting")
    assert lost["reason"] is None or lost["reason"]["slug"] == "opcua.unreachable", lost["reason"]
    assert peer.endpoint in s.stats()["last_error"]
    assert all(s.latest(node)["quality"]["class"] == "bad" for node in nodes)

    peer.listen()
    wait_until(lambda: all(not s.newest(node)["f"] & GAP for node in nodes), "the return")
    peer.change(20)
    for node in nodes:
        s.wait_for_time(node, peer.truth(node)[-1][0])
        truth, samples = peer.truth(node), s.samples(node)
        stored = s.stored(node, samples)
        lost = [i for i, (_, _, quality) in enumerate(stored) if quality == NOT_CONNECTED]
        assert len(lost) == 1, f"{node}: one bad sample, not {len(lost)}"
        assert stored[:lost[0]] == truth[begin[node]:before[node]], node
        assert stored[lost[0] + 1:] == truth[before[node]:], node
        flags = [sample["f"] for sample in samples]
        assert flags[lost[0]] & GAP and flags[lost[0] + 1] & FIRST_AFTER_GAP
    assert s.state()["state"] == "online" and s.stats()["reconnects"] == 1


def test_a_value_that_stayed_the_same_over_a_cut_is_good_again(peer, source):
    """Its source time lies before the loss, so it is said again at the return, and marked so."""
    s = source([point("fixed"), point("string")], endpoint=peer.endpoint_by_cable, every_change=True)
    s.wait_for_first()
    peer.cable.cut()
    wait_until(lambda: all(s.latest(node)["quality"]["class"] == "bad" for node in s.ids), "the loss")
    wait_until(lambda: all(s.latest(node)["quality"]["class"] != "bad" for node in s.ids), "the return")
    for node in s.ids:
        first, lost, back = s.samples(node)
        assert (first["f"] & GAP, lost["f"] & GAP, lost["q"]) == (0, GAP, NOT_CONNECTED), node
        assert (back["v"], back["q"]) == (first["v"], first["q"]), node
        assert back["f"] & (SUBSTITUTED | FIRST_AFTER_GAP) == SUBSTITUTED | FIRST_AFTER_GAP, node
