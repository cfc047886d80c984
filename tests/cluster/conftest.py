"""The database and the nodes of these tests."""

import os
import re

# Before any client reads them: no proxy between the tests and the nodes.
os.environ |= {"NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}

import pytest

from nodes import Cluster, Postgres


@pytest.fixture(scope="session")
def postgres():
    """The server beside which scripts/postgres runs these tests."""
    return Postgres()


@pytest.fixture
def database(postgres, request):
    """The address of a database of the test's own."""
    return postgres.database(re.sub(r"\W+", "_", request.node.name)[:63])


@pytest.fixture
def cluster(tmp_path, database):
    """Three nodes of the test's own."""
    with Cluster.running(tmp_path, database) as cluster:
        yield cluster
