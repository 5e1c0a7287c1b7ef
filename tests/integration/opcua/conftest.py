# SPDX-License-Identifier: Apache-2.0
"""One `karez serve` and one server of each kind for the whole folder."""

import itertools

import pytest
from api_rig import Server, first_site, set_up
from contract import Contract

from opcua_rig import KINDS, Peer, Source

numbers = itertools.count(1)


@pytest.fixture(scope="module")
def owner(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("karez"))
    yield set_up(server, Contract())
    server.stop()


@pytest.fixture(scope="module")
def peers(tmp_path_factory):
    made = {kind: Peer(tmp_path_factory.mktemp("peer"), kind) for kind in KINDS}  # all get ready at once
    yield made
    for one in made.values():
        one.end()


@pytest.fixture(scope="module", params=KINDS)
def peer(peers, request):
    peers[request.param].listen()
    return peers[request.param]


@pytest.fixture(scope="module")
def site(owner):
    return first_site(owner)


@pytest.fixture
def source(owner, site, peer):
    made = []

    def make(points, **link):
        config = {"endpoint": peer.endpoint, "publishing_ms": 50, "timeout_ms": 2000, **link}
        made.append(Source(owner, site, f"source {next(numbers)}", config, points))
        return made[-1]

    yield make
    for one in made:
        one.close()
