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
    stand_in.answers[("GET", "/api/v1/t/t1/overview")] = (200, {"devices": {}, "points": {}, "sources": []})
    if words == ("--help",):
        words = ("status", "--help")
    with open("/dev/full", "w") as full:
        done = cli_of(stand_in.url).run(*words, stdout=full)
    assert done.returncode == 1, done.stderr
