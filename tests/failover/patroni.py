"""Three PostgreSQL servers under Patroni, and the etcd by which they agree who is the primary."""

import json
import os
import secrets
import signal
import subprocess
from pathlib import Path

import requests

from support import free_port, poll

FOLDER = Path(os.environ["POOLKEEPER_FAILOVER_FOLDER"])
"""Where all of it is. scripts/failover makes it, ends every NAME.pid in it, and removes it."""
SCOPE = "poolkeeper"
TTL = 6
"""Seconds after which a primary that says nothing is taken for dead. Patroni's default is 30."""
PASSWORD = secrets.token_urlsafe(16)
# Debian has a folder for each version; the newest.
PROGRAMS = max(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name))

SETTINGS = {
    "ttl": TTL,
    "loop_wait": 1,
    "retry_timeout": 2,
    "maximum_lag_on_failover": 1048576,
    "synchronous_mode": True,
    # Without it, Patroni lets a primary that has lost its standbys go on alone: what it acknowledges from
    # then on is nowhere else, and lost if that machine does not come back. With it, commits wait instead.
    "synchronous_mode_strict": True,
    "postgresql": {
        "use_pg_rewind": True,
        "parameters": {"max_connections": 100, "shared_buffers": "64MB", "jit": "off"},
    },
}


def spawn(name: str, *command: str | Path, **environment: str) -> subprocess.Popen:
    """A server that writes to NAME.log. Servers that refuse to be root's are another user's."""
    owner = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}
    with (FOLDER / f"{name}.log").open("ab") as log:
        process = subprocess.Popen(
            command,
            cwd=FOLDER,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env=os.environ | environment,
            start_new_session=True,
            **owner,
        )
    (FOLDER / f"{name}.pid").write_text(f"{process.pid}\n")
    return process


class Etcd:
    """One member; that etcd itself survives is not what is tried here."""

    def __init__(self):
        self.port, peers = free_port(), free_port()
        url, peer = f"http://127.0.0.1:{self.port}", f"http://127.0.0.1:{peers}"
        addresses = ["--listen-client-urls", url, "--advertise-client-urls", url]
        addresses += ["--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer]
        addresses += ["--initial-cluster", f"default={peer}"]
        spawn("etcd", "etcd", "--data-dir", FOLDER / "etcd", *addresses)
        poll("etcd is there", lambda: is_ok(f"{url}/health"))


class Member:
    """A PostgreSQL server and its Patroni."""

    def __init__(self, name: str, etcd: Etcd):
        self.name, self.port, self.api = name, free_port(), free_port()
        self.data = FOLDER / name
        self.config = FOLDER / f"{name}.yml"
        # JSON is YAML.
        self.config.write_text(json.dumps(self._config(etcd)))
        self.start()

    def _config(self, etcd: Etcd) -> dict:
        # Every other role has to know the password; that of the nodes has nothing but this database.
        access = ["host all all 127.0.0.1/32 scram-sha-256", "host replication all 127.0.0.1/32 scram-sha-256"]
        access = [f"host {SCOPE} {SCOPE} 127.0.0.1/32 trust", *access]
        api, server = f"127.0.0.1:{self.api}", f"127.0.0.1:{self.port}"
        roles = {role: {"username": role, "password": PASSWORD} for role in ("postgres", "replicator", "rewinder")}
        return {
            "scope": SCOPE,
            "name": self.name,
            "restapi": {"listen": api, "connect_address": api},
            "etcd3": {"hosts": f"127.0.0.1:{etcd.port}"},
            "bootstrap": {
                "dcs": SETTINGS,
                "initdb": [{"encoding": "UTF8"}, {"locale": "C.UTF-8"}, "data-checksums"],
            },
            "postgresql": {
                "listen": server,
                "connect_address": server,
                "data_dir": str(self.data),
                "bin_dir": str(PROGRAMS),
                "pgpass": str(FOLDER / f"{self.name}.pgpass"),
                "pg_hba": access,
                "parameters": {"unix_socket_directories": str(FOLDER)},
                "authentication": {
                    "superuser": roles["postgres"],
                    "replication": roles["replicator"],
                    "rewind": roles["rewinder"],
                },
            },
        }

    def start(self) -> None:
        self.patroni = spawn(self.name, "patroni", self.config)

    def kill(self) -> None:
        """SIGKILL to Patroni and to its PostgreSQL, as if the machine were gone."""
        postmaster = int((self.data / "postmaster.pid").read_text().split()[0])
        # Patroni first, which would start it again.
        os.kill(self.patroni.pid, signal.SIGKILL)
        os.kill(postmaster, signal.SIGKILL)
        self.patroni.wait()


class Trio:
    """All of it, with an empty database for the nodes."""

    def __init__(self):
        FOLDER.chmod(0o755)
        etcd = Etcd()
        first = Member("one", etcd)
        self.members = {first.name: first}
        self._poll("a primary", lambda: self.leader())
        for name in ("two", "three"):
            self.members[name] = Member(name, etcd)
        self.whole()
        self._sql(f"CREATE ROLE {SCOPE} LOGIN")
        self._sql(f"CREATE DATABASE {SCOPE} OWNER {SCOPE} ENCODING 'UTF8' TEMPLATE template0")

    @property
    def address(self) -> str:
        """What the nodes are told: all of them, whoever takes writes."""
        hosts = ",".join(f"127.0.0.1:{member.port}" for member in self.members.values())
        return f"postgres://{SCOPE}@{hosts}/{SCOPE}"

    def view(self) -> list[dict]:
        """What Patroni says of each member: name, role, state, lag."""
        for member in self.members.values():
            try:
                return requests.get(f"http://127.0.0.1:{member.api}/cluster", timeout=5).json()["members"]
            except (requests.RequestException, KeyError):
                continue
        return []

    def _named(self, role: str) -> str | None:
        """Who has it and works."""
        works = ("running", "streaming")
        return next((m["name"] for m in self.view() if m["role"] == role and m["state"] in works), None)

    def leader(self) -> str | None:
        return self._named("leader")

    def heir(self) -> str | None:
        """The standby that has everything that was acknowledged."""
        return self._named("sync_standby")

    def whole(self) -> None:
        """Waits for a primary, a synchronous standby and another one, which lack nothing."""

        def is_whole() -> bool:
            view = self.view()
            works = [m for m in view if m["state"] in ("running", "streaming") and m.get("lag", 0) == 0]
            return len(works) == 3 and bool(self.leader() and self.heir())

        self._poll("three members", is_whole)

    def _poll(self, what: str, attempt) -> None:
        poll(what, attempt, 90)

    def _sql(self, statement: str) -> None:
        leader = self.members[self.leader()]
        address = f"postgres://postgres@127.0.0.1:{leader.port}/postgres"
        environment = os.environ | {"PGPASSWORD": PASSWORD}
        subprocess.run(["psql", "-qc", statement, address], env=environment, check=True, timeout=30)

    def switchover(self) -> str:
        """Has the primary hand over to the synchronous standby, whose name is returned."""
        heir, config = self.heir(), self.members[self.leader()].config
        command = ["patronictl", "-c", config, "switchover", SCOPE, "--candidate", heir, "--force"]
        told = subprocess.run(command, capture_output=True, text=True, timeout=60)
        assert told.returncode == 0 and "Successfully" in told.stdout, told
        return heir


def is_ok(url: str) -> bool:
    try:
        return requests.get(url, timeout=5).ok
    except requests.RequestException:
        return False
