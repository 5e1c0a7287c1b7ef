# SPDX-License-Identifier: Apache-2.0
"""Who may do what: log-in, CSRF, roles, tokens."""

import re
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from api_rig import PASSWORD, Client

ROLES = ["viewer", "operator", "engineer", "owner"]


def concrete(template, tenant):
    return re.sub(r"\{\w+\}", "x9", template.replace("{tenant}", tenant))


def test_every_operation_without_log_in_is_401_except_the_open_ones(server, contract, owner):
    anonymous = httpx.Client(base_url=server.url)
    for (method, template), operation in contract.operations.items():
        response = anonymous.request(method, concrete(template, owner.tenant))
        if operation["x-karez-role"] == "open":
            assert response.status_code != 401, template
        else:
            assert response.status_code == 401, (method, template)
            assert response.json()["slug"] == "auth.required"
            contract.check_response(method, concrete(template, owner.tenant), response)


@pytest.mark.parametrize("role", ROLES)
def test_each_role_may_what_the_contract_says_and_no_more(contract, token_client, role):
    client = token_client(role)
    for (method, template), operation in contract.operations.items():
        needed = operation["x-karez-role"]
        if needed not in ROLES:
            continue
        response = client.http.request(method, concrete(template, client.tenant))
        allowed = ROLES.index(role) >= ROLES.index(needed)
        refused = response.status_code == 403 and response.json()["slug"] == "auth.role"
        assert refused != allowed, (role, method, template, response.status_code, response.text[:200])
        if refused:
            assert response.json()["needs_role"] == needed


def test_another_tenant_is_refused_whether_it_exists_or_not(owner):
    for tenant in ["t999", "x", "T1", "%00", "a" * 64]:
        response = owner.http.get(f"/api/v1/t/{tenant}/devices")
        assert response.status_code in (403, 404), tenant


def test_changes_by_cookie_need_the_csrf_header(owner):
    plain = {"X-Karez-CSRF": ""}
    body = {"name": "csrf", "role": "viewer"}
    assert owner.post("tokens", body, 403, headers=plain).json()["slug"] == "auth.csrf"
    assert owner.post("tokens", body, 403, headers={"X-Karez-CSRF": "0" * 64}).json()["slug"] == "auth.csrf"


def test_wrong_password_says_nothing_of_which_part_was_wrong(server, contract):
    client = Client(server, contract)
    for user in ["admin", "nobody"]:
        problem = client.log_in(user, "wrong password", 401).json()
        assert problem["slug"] == "auth.wrong_password"


def test_the_cookie_is_http_only_and_same_site(server, contract, owner):
    response = Client(server, contract).log_in("admin", PASSWORD)
    cookie = response.headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=Strict" in cookie and "Path=/" in cookie


def test_a_new_user_may_do_nothing_before_the_password_is_changed(server, contract, owner):
    made = owner.post("users", {"name": "fresh", "role": "engineer"}).json()
    client = Client(server, contract)
    session = client.log_in("fresh", made["one_time_password"]).json()
    assert session["must_change_password"]
    assert client.get("devices", 403).json()["slug"] == "auth.password_change_required"
    assert client.get("/api/v1/tenants", 403).json()["slug"] == "auth.password_change_required"
    client.get("/api/v1/session")
    weak = client.call("POST", "/api/v1/session/password", {"old": made["one_time_password"], "new": "1234567890"})
    assert weak.status_code == 400 and weak.json()["slug"] == "auth.weak_password"
    assert client.post("/api/v1/session/password", {"old": "wrong", "new": PASSWORD}, 403).json()["pointer"] == "/old"
    client.post("/api/v1/session/password", {"old": made["one_time_password"], "new": PASSWORD}, 200)
    client.log_in("fresh", PASSWORD)
    client.get("devices")
    client.call("DELETE", "/api/v1/session", status=204)
    assert client.get("/api/v1/session", 401)


def test_users_can_be_changed_locked_and_removed(server, contract, owner):
    made = owner.post("users", {"name": "shift.lead", "role": "viewer", "display_name": "班长", "locale": "zh"}).json()
    path = f"users/{made['user']['id']}"
    assert owner.change("PATCH", path, {"role": "operator"}).json()["role"] == "operator"
    again = owner.call("POST", path + "/reset-password", status=200).json()["one_time_password"]
    client = Client(server, contract)
    client.log_in("shift.lead", made["one_time_password"], 401)
    client.log_in("shift.lead", again)
    owner.change("PATCH", path, {"enabled": False})
    assert client.get("/api/v1/session", 401)
    assert [u["name"] for u in owner.get("users", params={"q": "班长"}).json()["items"]] == ["shift.lead"]
    owner.change("DELETE", path, status=204)
    owner.get(path, 404)


def test_the_last_owner_stays(owner):
    admin = next(u for u in owner.get("users").json()["items"] if u["name"] == "admin")
    problem = owner.change("PATCH", f"users/{admin['id']}", {"role": "viewer"}, 409).json()
    assert problem["slug"] == "auth.last_owner"


def test_tokens_are_shown_once_and_revoked_at_once(server, contract, owner):
    made = owner.post("tokens", {"name": "scada", "role": "viewer", "expires_at": "2099-01-01T00:00:00Z"}).json()
    client = Client(server, contract, {"Authorization": f"Bearer {made['secret']}"})
    client.tenant = owner.tenant
    assert client.get("/api/v1/session").json()["kind"] == "token"
    client.get("devices")
    assert made["secret"] not in owner.get("tokens").text
    owner.call("DELETE", f"tokens/{made['token']['id']}", status=204)
    client.get("devices", 401)


def test_problems_speak_the_language_asked_for(server):
    http = httpx.Client(base_url=server.url)
    assert http.get("/api/v1/session", headers={"Accept-Language": "zh-CN"}).json()["title"] == "未登录"
    assert http.get("/api/v1/session", headers={"Accept-Language": "en"}).json()["title"] == "Not logged in"
    wrong = {"user": 5, "password": "x"}
    for language in ["zh-CN", "en"]:
        problem = http.post("/api/v1/session", json=wrong, headers={"Accept-Language": language}).json()
        assert problem["detail"].isascii() == (language == "en"), problem


def test_log_in_attempts_of_one_address_are_limited(tmp_path, contract):
    from api_rig import Server
    server = Server(tmp_path)
    try:
        client = Client(server, contract)
        answers = [client.call("POST", "/api/v1/session", {"user": "admin", "password": "x"}) for i in range(6)]
        assert [a.status_code for a in answers] == [401] * 5 + [429]
        assert int(answers[-1].headers["retry-after"]) > 0
        # Another user behind the same proxy is not held up.
        assert client.call("POST", "/api/v1/session", {"user": "li.wei", "password": "x"}).status_code == 401
    finally:
        server.stop()


def test_parallel_guesses_do_not_pass_together(tmp_path):
    from api_rig import Server
    server = Server(tmp_path)
    try:
        def guess(i):
            body = {"user": "admin", "password": f"guess {i}"}
            return httpx.post(f"{server.url}/api/v1/session", json=body).status_code
        with ThreadPoolExecutor(20) as pool:
            assert list(pool.map(guess, range(20))).count(401) <= 5
    finally:
        server.stop()


def test_every_role_makes_tokens_up_to_its_own_and_sees_no_others(server, contract, owner):
    made = owner.post("users", {"name": "token.maker", "role": "operator"}).json()
    client = Client(server, contract)
    client.log_in("token.maker", made["one_time_password"])
    changed = client.post("/api/v1/session/password", {"old": made["one_time_password"], "new": PASSWORD}, 200).json()
    client.http.headers["X-Karez-CSRF"] = changed["csrf"]
    session = client.get("/api/v1/session").json()
    assert [(t["id"], t["role"]) for t in session["tenants"]] == [(owner.tenant, "operator")]
    assert session["expires_at"] > "2026"
    mine = client.post("tokens", {"name": "my cli", "role": "operator"}).json()
    assert mine["token"]["owner_name"] == "token.maker"
    assert client.post("tokens", {"name": "too much", "role": "engineer"}, 403).json()["slug"] == "auth.denied"
    theirs = owner.post("tokens", {"name": "not yours", "role": "viewer", "expires_at": "2099-01-01T00:00:00Z"}).json()
    assert [t["name"] for t in client.get("tokens").json()["items"]] == ["my cli"]
    assert {"my cli", "not yours"} <= {t["name"] for t in owner.get("tokens", params={"limit": 1000}).json()["items"]}
    client.call("DELETE", f"tokens/{theirs['token']['id']}", status=404)
    token = Client(server, contract, {"Authorization": f"Bearer {theirs['secret']}"})
    assert token.get("/api/v1/session").json()["expires_at"] == "2099-01-01T00:00:00Z"
    client.call("DELETE", f"tokens/{mine['token']['id']}", status=204)
    owner.call("DELETE", f"tokens/{theirs['token']['id']}", status=204)
