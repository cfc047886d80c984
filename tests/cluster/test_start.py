"""Nodes that begin at the same instant on an empty database."""

from concurrent.futures import ThreadPoolExecutor

import requests

from nodes import Cluster
from support import poolkeeper

NODES = 4


def test_all_migrate_at_once_and_start_at_once(tmp_path, database):
    """One makes the schema, the others wait for it; so with what the file declares."""
    cluster = Cluster(tmp_path, database, NODES)
    early = poolkeeper("serve", "--config", cluster.configs[0])
    assert early.returncode == 1 and "poolkeeper migrate" in early.stderr
    with ThreadPoolExecutor(NODES) as threads:
        ended = list(threads.map(lambda _: cluster.migrate(), range(NODES)))
    assert [(each.returncode, each.stderr) for each in ended] == [(0, "")] * NODES
    first, *others = sorted((each.stdout for each in ended), key=lambda text: "created" not in text)
    version = first.removeprefix("the schema was created: version ").strip()
    assert version.isdecimal(), first
    assert set(others) == {f"the schema has version {version}: nothing to do\n"}

    try:
        cluster.start()
        keys = {requests.get(node.jwks_url, timeout=5).text for node in cluster.nodes}
        assert len(cluster.nodes) == NODES and len(keys) == 1
        for node in cluster.nodes:
            assert node.stop() == 0, node.output()
    finally:
        for node in cluster.nodes:
            node.kill()
