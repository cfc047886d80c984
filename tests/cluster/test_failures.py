"""Nodes and the database end in every way under load. Nothing that was acknowledged is lost."""

import time

import pytest

from load import Load
from support import poll

# Two tries, at two nodes. Each gives up on a database that is away after a third of a second, for
# each statement; machines that run these tests may be slow.
QUICK = 5.0


@pytest.fixture
def load(cluster):
    return Load(cluster.bases)


def test_nodes_are_killed(cluster, load):
    """SIGKILL in the middle of writes: whoever tries once more at the next node sees no failure."""
    with load:
        for number in range(3):
            load.work(8)
            cluster.nodes[number].kill()
            load.work(8)
            cluster.restart(number)
        load.work(8)
    load.report("nodes killed")
    assert load.errors == []
    load.verify()


def test_nodes_are_replaced(cluster, load):
    """A rolling restart: each node is asked to stop, and started again when it has."""
    with load:
        for number in range(3):
            load.work(8)
            assert cluster.nodes[number].stop() == 0, cluster.nodes[number].output()
            cluster.restart(number)
        load.work(8)
    load.report("nodes replaced")
    assert load.errors == []
    load.verify()


@pytest.mark.parametrize("end", ["killed", "immediate", "fast"])
def test_the_database_ends(cluster, load, postgres, end):
    with load:
        load.work(8)
        postgres.kill() if end == "killed" else postgres.stop(end)
        load.fail(24)
        postgres.start()
        back = time.monotonic()
        load.work(8)
        recovery = max(load.last_error - back, 0)
        load.work(8)
    load.report(f"database {end}", recovery=recovery)
    load.verify()
