"""Nodes and the database end in every way under load. Nothing that was acknowledged is lost."""

import time

import pytest

from load import Load

# Two tries, at two nodes. Each gives up on a database that is away after a third of a second for a
# statement. Machines that run these tests may be slow.
QUICK = 5.0

# What each API says while the database is away.
COGNITO = (500, {"__type": "InternalErrorException", "message": "Internal error"})
UNAVAILABLE = {
    "POST /auth": {"message": "error.upstream_unavailable", "error_code": "UPSTREAM_UNAVAILABLE"},
    "POST /api/auth/login": {"detail": "Login failed: Service unavailable"},
    "GET /api/auth/me": {"detail": "Service unavailable"},
}


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
    """Failures meanwhile are quick and say so; nodes go on by themselves when it is back."""
    with load:
        load.work(8)
        postgres.kill() if end == "killed" else postgres.stop(end)
        load.fail(30)
        postgres.start()
        back = time.monotonic()
        load.work(16)
    load.report(f"database {end}", recovery=max(load.last_error - back, 0))
    for error in load.errors:
        away = UNAVAILABLE.get(error.what)
        assert (error.status, error.body) == ((503, away) if away else COGNITO), error
    assert max(answer.seconds for answer in load.answers) < QUICK
    assert load.last_error < back + QUICK
    assert [node.process.poll() for node in cluster.nodes] == [None] * 3
    load.verify()
