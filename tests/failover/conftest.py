"""The servers and the nodes of these tests: one set for all."""

import os

# Before any client reads them: no proxy between the tests and the nodes.
os.environ |= {"NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}

import pytest

from nodes import Cluster
from patroni import FOLDER, Trio


@pytest.fixture(scope="session")
def trio():
    return Trio()


@pytest.fixture(scope="session")
def cluster(trio):
    """Three nodes, which live through all tests: none is started again."""
    with Cluster.running(FOLDER / "nodes", trio.address) as cluster:
        processes = [node.process.pid for node in cluster.nodes]
        # For scripts/failover, should these tests end before this.
        for number, process in enumerate(processes, 1):
            (FOLDER / f"node{number}.pid").write_text(f"{process}\n")
        yield cluster
        assert [node.process.pid for node in cluster.nodes] == processes
