# SPDX-License-Identifier: Apache-2.0
import pytest

from mqtt_rig import Broker, Drive, SparkplugNode


@pytest.fixture
def broker(tmp_path):
    b = Broker(tmp_path)
    yield b
    b.stop()


@pytest.fixture
def drive(tmp_path, broker):
    made = []

    def make(points, **more):
        made.append(Drive(tmp_path, broker, points, **more))
        return made[-1]

    yield make
    for d in made:
        if d.process.poll() is None:
            d.kill()


@pytest.fixture
def node(tmp_path, broker):
    made = []

    def make(**more):
        made.append(SparkplugNode(tmp_path, broker, **more))
        return made[-1]

    yield make
    for n in made:
        if n.process.poll() is None:
            n.process.kill()
        n.process.communicate()
