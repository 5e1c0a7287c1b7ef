# SPDX-License-Identifier: Apache-2.0
"""One `karez serve` for the whole run, a tenant that is set up, and a client for each role."""

import pytest

from api_rig import Client, Server, eventually, first_site, set_up
from contract import Contract


@pytest.fixture(scope="session")
def contract():
    return Contract()


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    running = Server(tmp_path_factory.mktemp("karez"))
    yield running
    running.stop()


@pytest.fixture(scope="session")
def owner(server, contract):
    """The first user after the first run."""
    return set_up(server, contract)


@pytest.fixture(scope="session")
def token_client(server, contract, owner):
    """Makes a client with an API token of a role."""
    made = {}

    def make(role):
        if role not in made:
            secret = owner.post("tokens", {"name": f"test {role}", "role": role}).json()["secret"]
            made[role] = Client(server, contract, {"Authorization": f"Bearer {secret}"})
            made[role].tenant = owner.tenant
            made[role].secret = secret
        return made[role]
    return make


@pytest.fixture(scope="session")
def site(owner):
    return first_site(owner)


@pytest.fixture(scope="session")
def lines(server, token_client):
    """Writes line protocol; answers the response."""
    client = token_client("operator")

    def write(body, status=204, bucket="test", precision="ns", path="/api/v2/write", headers=None):
        data = body.encode() if isinstance(body, str) else body
        name = "bucket" if path == "/api/v2/write" else "db"
        response = client.http.post(path, params={name: bucket, "precision": precision}, content=data,
                                    headers={"Content-Type": "text/plain", **(headers or {})})
        assert response.status_code == status, response.text[:600]
        client.contract.check_response("POST", path, response)
        return response
    return write


@pytest.fixture(scope="session")
def points_of(owner):
    """Ids by name of the points of a device, once it has at least `count`."""
    def find(device, count=1):
        def look():
            hits = [d for d in owner.get("devices", params={"q": device}).json()["items"] if d["name"] == device]
            if not hits:
                return None
            items = owner.get("points", params={"device": hits[0]["id"], "limit": 1000}).json()["items"]
            return {p["name"]: p["id"] for p in items} if len(items) >= count else None
        return eventually(look)
    return find
