"""The primary changes under load. Nothing that was acknowledged is lost, and no node is started again."""

import time

import pytest

from load import Load
from nodes import Cluster
from patroni import TTL, Trio
from support import poll
from watch import Watch

# Each person is ten requests; the machine may be slow.
BEFORE, AFTER = 12, 24
# After the time-to-live: that Patroni notices, promotes, and that nodes find the new primary.
MOST = TTL + 14


@pytest.fixture
def load(cluster):
    return Load(cluster.bases, workers=4)


def watched(load: Load, cluster: Cluster) -> Watch:
    """With a user for each node, from among those that the load has made."""
    return Watch(cluster.bases, load.users[: len(cluster.bases)])


def change_under_load(trio: Trio, cluster: Cluster, load: Load, change, name: str) -> None:
    """Has the primary change while people are at work, and checks all that anybody was told."""
    trio.whole()
    before, heir = trio.leader(), trio.heir()
    with load:
        load.work(BEFORE)
        with watched(load, cluster) as watch:
            poll("writes", lambda: all(len(times) > 4 for times in watch.acknowledged))
            began = time.monotonic()
            change()
            known = [len(times) for times in watch.acknowledged]
            poll("a new primary", lambda: trio.leader() not in (None, before), 60)
            # Writes at every node, and people from beginning to end.
            load.work(AFTER, 90)
            poll("writes", lambda: all(len(t) > k + 4 for t, k in zip(watch.acknowledged, known)), 60)
        load.work(4)
    assert trio.leader() == heir
    outages = watch.outages(began)
    load.report(name, **{f"node {number} away": seconds for number, seconds in enumerate(outages, 1)})
    print(f"  {sum(map(len, watch.acknowledged))} writes and {watch.reads} reads watched, "
          f"{watch.failed} of the writes failed, {len(watch.stale)} answers stale")
    kinds = sorted({(answer.status, str(answer.body)) for answer in load.errors})
    print(f"  failures told: {kinds}")
    assert watch.stale == []
    assert max(outages) < MOST
    verify_everywhere(load, cluster)


def verify_everywhere(load: Load, cluster: Cluster) -> None:
    """Each node by itself knows everything that was acknowledged by whichever."""
    several = load.balancer
    for base in cluster.bases:
        load.balancer = type(several)([base])
        load.verify()
    load.balancer = several


def test_the_primary_is_killed(trio, cluster, load):
    killed = trio.members[trio.leader()]
    change_under_load(trio, cluster, load, killed.kill, "primary killed")
    # It comes back as a standby, without what it alone had.
    killed.start()
    trio.whole()
    assert trio.leader() != killed.name
    verify_everywhere(load, cluster)


def test_the_primary_hands_over(trio, cluster, load):
    change_under_load(trio, cluster, load, trio.switchover, "switchover")
