"""Another master key takes the place of the old one under load, on nodes that share a database."""

import base64
import os

from load import Load
from nodes import PUBLIC, Cluster
from support import poolkeeper, refusal, refresh, tokens

OLD = os.environ["POOLKEEPER_MASTER_KEY"]
NEW = base64.b64encode(os.urandom(32)).decode()


def restart(cluster: Cluster) -> None:
    """One node after the other, in peace."""
    for number, node in enumerate(cluster.nodes):
        assert node.stop() == 0, node.output()
        cluster.restart(number)


def test_the_master_key_is_replaced_under_load(tmp_path, database, monkeypatch):
    """(O4) No caller is told a failure, and nothing that was acknowledged is lost."""
    monkeypatch.setenv("POOLKEEPER_MASTER_KEY", OLD)
    with Cluster.running(tmp_path, database) as cluster:
        with Load(cluster.bases) as load:
            load.work(20)
            monkeypatch.setenv("POOLKEEPER_MASTER_KEY", NEW)
            early = poolkeeper("serve", "--config", cluster.configs[0])
            assert early.returncode == 2, early.stderr
            monkeypatch.setenv("POOLKEEPER_PREVIOUS_MASTER_KEY", OLD)
            restart(cluster)
            load.work(20)
            rotated = poolkeeper("master-key", "rotate", "--config", cluster.configs[0])
            assert rotated.returncode == 0, rotated.stdout + rotated.stderr
            load.work(20)
        print(rotated.stdout)
        load.report("master key replaced")
        assert load.errors == []
        load.verify()

        monkeypatch.delenv("POOLKEEPER_PREVIOUS_MASTER_KEY")
        restart(cluster)
        for node in cluster.nodes:
            cognito = node.cognito()
            assert tokens(cognito, PUBLIC, load.users[0]) and tokens(cognito, PUBLIC, load.users[-1])
            # Handed out before the new key sealed, and of no use without the old one.
            assert refusal(refresh, cognito, PUBLIC, load.tokens[0])
            assert refresh(cognito, PUBLIC, load.tokens[-1])
