# SPDX-License-Identifier: Apache-2.0
"""`karez` as a client: every role can log in and look, values arrive as they were typed, failures are exit codes."""

import json
import os
import stat

import httpx
import pytest

ROLES = ("owner", "engineer", "operator", "viewer")


@pytest.mark.parametrize("role", ROLES)
def test_every_role_logs_in_looks_and_leaves_no_session_open(role, server, owner, people, cli_of):
    name, one_time = people[role]
    cli = cli_of(server.url)
    said = cli.good("login", "--user", name, "--password", one_time, "--new-password", "a mountain in autumn")
    assert name in said
    kept = json.loads(cli.kept.read_text())
    assert stat.S_IMODE(os.stat(cli.kept).st_mode) == 0o600
    assert kept["tenant"] == owner.tenant
    # The token has the user's own role, an owner's the engineer's; the platform says so, not the program.
    session = httpx.get(f"{server.url}/api/v1/session", headers={"Authorization": f"Bearer {kept['token']}"}).json()
    assert session["kind"] == "token"
    assert session["tenants"][0]["role"] == ("engineer" if role == "owner" else role)
    assert "Devices" in cli.good("status")
    assert json.loads(cli.good("devices", "--json")) == []
    assert cli.run("doctor").stdout.count("token accepted") == 1


def test_login_ends_its_session_even_when_the_token_is_refused(stand_in, cli_of):
    stand_in.answers[("POST", "/api/v1/session")] = (200, {"csrf": "c", "must_change_password": False, "tenants": [{"id": "t1", "role": "viewer"}]})
    stand_in.answers[("POST", "/api/v1/t/t1/tokens")] = (403, {"slug": "auth.role", "title": "not yours"})
    stand_in.answers[("DELETE", "/api/v1/session")] = (200, {})
    cli = cli_of(stand_in.url)
    done = cli.run("login", "--user", "u", "--password", "p", "--role", "owner")
    assert done.returncode == 1 and "auth.role" in done.stderr
    assert [r[:2] for r in stand_in.requests] == [("POST", "/api/v1/session"), ("POST", "/api/v1/t/t1/tokens"), ("DELETE", "/api/v1/session")]
    assert not cli.kept.exists()


def test_a_token_alone_is_enough(server, owner, cli_of):
    cli = cli_of(server.url)
    cli.environment["KAREZ_TOKEN"] = owner.post("tokens", {"name": "alone", "role": "viewer"}).json()["secret"]
    assert "Devices" in cli.good("status")
    assert json.loads(cli.good("links", "--json")) == []


def test_a_kept_token_is_not_shown_to_another_platform(stand_in, cli_of):
    cli = cli_of(stand_in.url)
    cli.kept.parent.mkdir()
    cli.kept.write_text(json.dumps({"url": "http://127.0.0.1:1", "token": "secret", "tenant": "t9"}))
    stand_in.answers[("GET", "/api/v1/session")] = (401, {"slug": "auth.required", "title": "log in"})
    done = cli.run("status")
    assert done.returncode == 1 and "karez login" in done.stderr
    assert [r[1] for r in stand_in.requests] == ["/api/v1/session"]


@pytest.mark.parametrize("kind, typed, sent", [
    ("int64", "9007199254740993", "9007199254740993"), ("int64", "-9223372036854775808", "-9223372036854775808"),
    ("string", "123", "123"), ("string", "true", "true"), ("double", "21.5", 21.5), ("bool", "true", True)])
def test_a_value_is_sent_as_it_was_typed(kind, typed, sent, stand_in, cli_of):
    stand_in.answers[("GET", "/api/v1/t/t1/points/p7")] = (200, {"id": "p7", "name": "setpoint", "type": kind})
    stand_in.answers[("POST", "/api/v1/t/t1/points/p7/write")] = (200, {"result": "done", "read_back": typed, "text": ""})
    cli_of(stand_in.url).good("write", "--yes", "--expected", typed, "p7", typed)
    assert json.loads(stand_in.requests[-1][2]) == {"value": sent, "expected": sent}


def test_a_write_tells_what_was_read_back_in_its_unit(stand_in, cli_of):
    stand_in.answers[("GET", "/api/v1/t/t1/points/p7")] = (200, {"id": "p7", "name": "setpoint", "type": "double", "unit": "Cel"})
    stand_in.answers[("POST", "/api/v1/t/t1/points/p7/write")] = (200, {"result": "done", "read_back": "45", "text": "Written."})
    assert cli_of(stand_in.url).good("write", "--yes", "p7", "45") == "done: Written. Read back: 45 Cel\n"


def test_a_value_that_does_not_fit_is_not_sent(stand_in, cli_of):
    stand_in.answers[("GET", "/api/v1/t/t1/points/p7")] = (200, {"id": "p7", "name": "setpoint", "type": "int64"})
    done = cli_of(stand_in.url).run("write", "--yes", "p7", "1.5")
    assert done.returncode == 1 and "cli.value" in done.stderr
    assert all(r[0] == "GET" for r in stand_in.requests)


def test_a_declined_write_is_a_failure(stand_in, cli_of):
    stand_in.answers[("GET", "/api/v1/t/t1/points/p7")] = (200, {"id": "p7", "name": "setpoint", "type": "double"})
    person, terminal = os.openpty()   # the question is asked at a terminal only
    os.write(person, b"n\n")
    try:
        done = cli_of(stand_in.url).run("write", "p7", "1", stdin=terminal)
    finally:
        os.close(person)
        os.close(terminal)
    assert done.returncode == 1 and "Nothing was written" in done.stderr
    assert all(r[0] == "GET" for r in stand_in.requests)


def test_a_write_without_a_terminal_needs_yes(stand_in, cli_of):
    done = cli_of(stand_in.url).run("write", "p7", "1")
    assert done.returncode == 2 and "--yes" in done.stderr
    assert all("/points/" not in r[1] for r in stand_in.requests)


def test_a_point_may_be_named(stand_in, cli_of):
    def point(number, device):
        return {"id": f"p{number}", "name": "ovenTemp", "device_name": device}
    near = {"id": "p9", "name": "ovenTemp2", "device_name": "Oven 1"}
    stand_in.answers[("GET", "/api/v1/t/t1/values")] = (200, {"items": [], "missing": []})
    stand_in.answers[("GET", "/api/v1/t/t1/points")] = (200, {"items": [near, point(7, "Oven 1")]})
    cli = cli_of(stand_in.url)
    cli.good("values", "ovenTemp", "p3")
    assert stand_in.requests[-1][1].endswith("/values?points=p7%2Cp3")
    stand_in.answers[("GET", "/api/v1/t/t1/points")] = (200, {"items": [near, point(7, "Oven 1"), point(8, "Oven 2")]})
    cli.good("values", "Oven 2/ovenTemp")
    assert stand_in.requests[-1][1].endswith("/values?points=p8")
    two = cli.run("values", "ovenTemp")
    assert two.returncode == 1 and "p7 (Oven 1/ovenTemp), p8 (Oven 2/ovenTemp)" in two.stderr
    none = cli.run("values", "oven")
    assert none.returncode == 1 and "p9 (Oven 1/ovenTemp2)" in none.stderr


def test_an_unknown_aggregate_is_answered_with_those_there_are(stand_in, cli_of):
    done = cli_of(stand_in.url).run("query", "p1", "--step", "1m", "--agg", "foo")
    assert done.returncode == 2 and "time-weighted" in done.stderr and "'foo'" in done.stderr


def test_raw_samples_are_shown_in_words_and_round(stand_in, cli_of):
    stand_in.answers[("GET", "/api/v1/t/t1/history/p1/raw")] = (200, {"next_cursor": None, "items": [
        {"t": "2026-07-14T06:00:00Z", "v": 26.700000000000003, "q": 0, "f": 8}, {"t": "2026-07-14T06:00:01Z", "v": None, "q": 0x808a, "f": 16}]})
    shown = cli_of(stand_in.url).good("query", "p1", "--utc")
    assert "TIME (UTC)" in shown and "26.7 " in shown and "first-after-gap" in shown and "BadNotConnected" in shown


def test_a_one_time_password_without_a_terminal_asks_for_the_option(stand_in, cli_of):
    stand_in.answers[("POST", "/api/v1/session")] = (200, {"csrf": "c", "must_change_password": True, "tenants": [{"id": "t1", "role": "viewer"}]})
    stand_in.answers[("DELETE", "/api/v1/session")] = (200, {})
    done = cli_of(stand_in.url).run("login", "--user", "u", "--password", "p")
    assert done.returncode == 2 and "--new-password" in done.stderr
    assert [r[0] for r in stand_in.requests] == ["POST", "DELETE"]


def test_a_device_with_wrong_points_leaves_nothing(server, owner, cli_of, tmp_path):
    cli = cli_of(server.url)
    cli.environment["KAREZ_TOKEN"] = owner.post("tokens", {"name": "adder", "role": "engineer"}).json()["secret"]
    add = ("devices", "add", "--driver", "modbus", "--name", "Added", "--link", '{"host": "127.0.0.1", "port": 1}', "--untested", "--points")
    file = tmp_path / "points.csv"
    file.write_text("name,address,type\na,hr:1,double\n,hr:2,\na,hr:3,\n")
    done = cli.run(*add, str(file))
    assert done.returncode == 1 and f"{file}:3, column name: It is missing" in done.stdout, done.stdout + done.stderr
    file.write_text("name,address,type\na,hr:1,double\na,hr:3,\n")
    done = cli.run(*add, str(file))
    assert done.returncode == 1 and f"{file}:3, column name: " in done.stdout, done.stdout + done.stderr
    assert json.loads(cli.good("devices", "--json")) == [] and json.loads(cli.good("links", "--json")) == []
    file.write_text("name,address,type,scale\na,hr:1,,0.1\nb,hr:3,,\n")
    assert "made with 2 points" in cli.good(*add, str(file))
    device = json.loads(cli.good("devices", "--json"))[0]
    assert device["origin"] == "real"
    assert {p["name"]: p["type"] for p in json.loads(cli.good("points", "--json"))} == {"a": "double", "b": "int64"}
    owner.change("DELETE", f"devices/{device['id']}", status=204)
    owner.change("DELETE", f"links/{device['link']}", status=204)


def test_points_that_do_not_exist_fail(server, owner, cli_of):
    cli = cli_of(server.url)
    cli.environment["KAREZ_TOKEN"] = owner.post("tokens", {"name": "missing", "role": "viewer"}).json()["secret"]
    for words in (("values", "p999"), ("values", "p999", "--json"), ("watch", "p999", "--count", "1")):
        done = cli.run(*words)
        assert done.returncode == 1 and "p999" in done.stderr, words


def test_a_count_that_is_none_is_refused_at_once(stand_in, cli_of):
    done = cli_of(stand_in.url).run("watch", "p1", "--count", "x")
    assert done.returncode == 1 and "--count" in done.stderr


@pytest.mark.parametrize("words", [("--help",), ("export", "p1"), ("status",)])
def test_a_full_disk_is_a_failure(words, stand_in, cli_of):
    stand_in.answers[("GET", "/api/v1/t/t1/history/p1/export.csv")] = (200, {"x": "y" * 100_000})
    stand_in.answers[("GET", "/api/v1/t/t1/points/p1")] = (200, {"type": "double"})
    stand_in.answers[("GET", "/api/v1/t/t1/overview")] = (200, {"devices": {}, "points": {}, "sources": []})
    if words == ("--help",):
        words = ("status", "--help")
    with open("/dev/full", "w") as full:
        done = cli_of(stand_in.url).run(*words, stdout=full)
    assert done.returncode == 1, done.stderr
