# SPDX-License-Identifier: Apache-2.0
import pytest

from modbus_rig import Drive, Peer


@pytest.fixture
def peer(tmp_path):
    made = []

    def make(kind, **more):
        made.append(Peer(tmp_path, kind, **more))
        return made[-1]

    yield make
    for p in made:
        p.kill()


@pytest.fixture
def drive(tmp_path):
    made = []

    def make(to, **more):
        made.append(Drive(tmp_path, to, **more))
        return made[-1]

    yield make
    for d in made:
        d.kill()
