"""Several nodes on one PostgreSQL database, and the database itself."""

import base64
import json
import os
import re
import shlex
import signal
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from subprocess import DEVNULL

import requests

from support import Server, free_port, poll, poolkeeper

POOL = "us-east-1_Cluster01"
PUBLIC = "clusterpublic00000000000000"
# Each sign-in API has an app client of its own.
PARTNER_CLIENT = "clusterpartner000000000000"
PORTAL_CLIENT = "clusterportal0000000000000"
TENANT_CLIENT = "clustertenant0000000000000"
PARTNER = "partner-id-acme"
TENANT = "Acme"
ACCESS_KEY = {"id": "PKCLUSTER00000000000", "secret": "of-these-tests-alone-0123456789abcdef"}

# The secrets of all nodes, and of commands beside them.
os.environ |= {
    "CLUSTER_ACCESS_KEY": ACCESS_KEY["secret"],
    "POOLKEEPER_MASTER_KEY": base64.b64encode(os.urandom(32)).decode(),
}

# All nodes have the same file but for the address: the issuer and so the tokens are the same.
CONFIG = f"""
[[pool]]
id = "{POOL}"
mfa = "OPTIONAL"
username_attributes = ["email"]

[[pool.client]]
id = "{PUBLIC}"
flows = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]

[[pool.client]]
id = "{PARTNER_CLIENT}"
flows = ["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]

[[pool.client]]
id = "{PORTAL_CLIENT}"
flows = ["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
prevent_user_existence_errors = false

[[pool.client]]
id = "{TENANT_CLIENT}"
flows = ["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]

[[partner]]
pool = "{POOL}"
id = "{PARTNER}"
client_id = 1
name = "Acme"
domain = "acme.example"
currency = "EUR"
vertical = "live_entertainment"
pricing_tier = "growth"
campaign_pricing_model = "flat"

[[tenant]]
name = "{TENANT}"
id = "1"
pool = "{POOL}"
client = "{TENANT_CLIENT}"

[[access_key]]
id = "{ACCESS_KEY["id"]}"
secret_env = "CLUSTER_ACCESS_KEY"
operations = ["*"]
pools = ["*"]

[cognito]
attempts_per_address = 0

[partner_api]
pool = "{POOL}"
client = "{PARTNER_CLIENT}"
reads_per_partner = 0
writes_per_partner = 0
attempts_per_address = 0

[portal_api]
pool = "{POOL}"
client = "{PORTAL_CLIENT}"
attempts_per_address = 0

[tenant_api]
attempts_per_address = 0
"""


class Node(Server):
    """`poolkeeper serve` on a database that others use, too."""

    def __init__(self, config: Path, port: int):
        self.config = config
        arguments = ["serve", "--config", config]
        try:
            super().__init__(arguments, port, config.parent, config.with_suffix(".log"))
        except BaseException:
            self.kill()
            raise

    def _ready(self) -> dict | None:
        assert self.process.poll() is None, f"the node ended:\n{self.output()}"
        try:
            jwks = requests.get(f"{self.base}/{POOL}/.well-known/jwks.json", timeout=5)
        except requests.ConnectionError:
            return None
        facts = {"pool_id": POOL, "region": "us-east-1", "access_key": ACCESS_KEY}
        return facts | {"clients": {"public": {"id": PUBLIC}}} if jwks.ok else None

    def again(self) -> "Node":
        """The same node, started once more after its end."""
        return Node(self.config, self.port)


class Cluster:
    """Nodes that share a database; `database` is its address as in a configuration file."""

    def __init__(self, folder: Path, database: str, count: int = 3):
        folder.mkdir(parents=True, exist_ok=True)
        self.ports = [free_port() for _ in range(count)]
        self.configs = [folder / f"node{number}.toml" for number in range(1, count + 1)]
        for config, port in zip(self.configs, self.ports):
            config.write_text(self._config(database, port))
        self.nodes: list[Node] = []

    def _config(self, database: str, port: int) -> str:
        settings = {
            "listen": f"127.0.0.1:{port}",
            "public_url": f"http://127.0.0.1:{self.ports[0]}",
            "database": database,
        }
        lines = [f"{name} = {json.dumps(value)}\n" for name, value in settings.items()]
        return "".join(lines) + CONFIG

    @classmethod
    @contextmanager
    def running(cls, folder: Path, database: str, count: int = 3) -> Iterator["Cluster"]:
        """A migrated database and nodes, which end with the block: by SIGTERM, in peace."""
        cluster = cls(folder, database, count)
        migrated = cluster.migrate()
        assert migrated.returncode == 0, migrated.stderr
        try:
            cluster.start()
            yield cluster
            for node in cluster.nodes:
                assert node.stop() == 0, node.output()
        finally:
            for node in cluster.nodes:
                node.kill()

    def start(self) -> None:
        """All nodes at once: each brings about what the file declares."""
        with ThreadPoolExecutor() as threads:
            started = [threads.submit(Node, *each) for each in zip(self.configs, self.ports)]
        # Those that did start have to end, too, when one did not.
        self.nodes = [each.result() for each in started if not each.exception()]
        for each in started:
            each.result()

    def migrate(self) -> subprocess.CompletedProcess[str]:
        return poolkeeper("migrate", "--config", self.configs[0])

    @property
    def bases(self) -> list[str]:
        return [f"http://127.0.0.1:{port}" for port in self.ports]

    def restart(self, number: int) -> None:
        """Starts a node that has ended."""
        self.nodes[number] = self.nodes[number].again()


class Postgres:
    """The server that scripts/postgres has started: it can be killed, and started again."""

    def __init__(self):
        self.address = os.environ["POOLKEEPER_TEST_DATABASE"]
        self._ctl = shlex.split(os.environ["POOLKEEPER_TEST_DATABASE_CTL"])

    def _run(self, *arguments: str) -> int:
        """An exit code. Without pipes: the server that is started would hold them open."""
        command = [*self._ctl, "--silent", *arguments]
        return subprocess.run(command, stdout=DEVNULL, stderr=DEVNULL, timeout=60).returncode

    def _process(self) -> int | None:
        """The postmaster's id, while there is one."""
        status = subprocess.run([*self._ctl, "status"], capture_output=True, text=True, timeout=30)
        found = re.search(r"PID: (\d+)", status.stdout)
        return int(found[1]) if found else None

    def database(self, name: str) -> str:
        """The address of a new, empty database."""
        statement = f"CREATE DATABASE {name} TEMPLATE template0"
        subprocess.run(["psql", "-qc", statement, self.address], check=True, timeout=30)
        return self.address.removesuffix("/postgres") + f"/{name}"

    def kill(self) -> None:
        """SIGKILL to the postmaster: its children end when they notice."""
        process = self._process()
        assert process, "there is no database to kill"
        os.kill(process, signal.SIGKILL)
        poll("the database is gone", lambda: self._process() is None)

    def stop(self, mode: str) -> None:
        """`fast` ends connections, `immediate` is like a crash."""
        assert self._run(f"--mode={mode}", "stop") == 0

    def start(self) -> None:
        """Comes back after recovery. Children of a killed one may still hold its memory."""
        poll("the database is back", lambda: self._run("start") == 0, 60)
