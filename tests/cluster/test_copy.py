"""From a file to PostgreSQL by the binary, which is killed on the way again and again."""

import json
import os
import re
import signal
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from subprocess import DEVNULL, PIPE
from urllib.parse import urlsplit, urlunsplit

import pytest

from nodes import POOL, PUBLIC, Cluster, Node
from support import BINARY, new_user, poll, poolkeeper, refresh, refusal, tokens

PEOPLE = 5
CLONES = 20_000
UNFINISHED = (
    "cannot use the database of the configuration: the database is unavailable: a copy to it is "
    "under way, or was not finished: run `poolkeeper copy` again\n"
)

# Users nobody can sign in as, so that copying takes a while: with another's password.
FILL = f"""
WITH RECURSIVE numbers (number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM numbers LIMIT {CLONES})
INSERT INTO users (pool_id, sub, username, username_key, user_status, status, kind, password,
    password_set_at, attributes, mfa, signed_out_at, created_at, modified_at, version)
    SELECT u.pool_id, 'clone-' || number, 'clone-' || number, 'clone-' || number,
    u.user_status, u.status, u.kind, u.password, u.password_set_at, u.attributes, u.mfa,
    u.signed_out_at, u.created_at, u.modified_at, u.version
    FROM numbers, (SELECT * FROM users LIMIT 1) u
"""


@pytest.fixture
def secret(monkeypatch):
    """The password of the database, which is in the environment for those who are told where."""
    password = urlsplit(os.environ["POOLKEEPER_TEST_DATABASE_TLS"]).password
    monkeypatch.setenv("COPY_PASSWORD", password)
    return password


@pytest.fixture
def to(database):
    """The address of the database through TLS, without the password."""
    parts = urlsplit(os.environ["POOLKEEPER_TEST_DATABASE_TLS"])
    place = f"{parts.username}@{parts.hostname}:{parts.port}"
    return urlunsplit(parts._replace(netloc=place, path=urlsplit(database).path))


@pytest.fixture
def configs(tmp_path, database):
    """Two files of one server: on a file, and on PostgreSQL."""
    cluster = Cluster(tmp_path, database, 1)
    [on_postgres] = cluster.configs
    on_file = tmp_path / "file.toml"
    lines = on_postgres.read_text().splitlines(keepends=True)
    data = f"data = {json.dumps(str(tmp_path / 'data'))}\n"
    on_file.write_text("".join(data if line.startswith("database =") else line for line in lines))
    return on_file, on_postgres, cluster.ports[0]


def arrived(database: str) -> int:
    """How many users there are in a database, which may have no tables yet."""
    count = ["psql", "-qAtc", "SELECT COUNT(*) FROM users", database]
    return int(subprocess.run(count, capture_output=True, text=True, timeout=30).stdout or 0)


def is_comparing(process: subprocess.Popen) -> bool:
    """Reads on to the first table that was compared."""
    return any(b": compared " in line for line in process.stderr)


def kill_when(
    command: list,
    moment: Callable[[subprocess.Popen], bool],
    meanwhile: Callable[[], None] = lambda: None,
) -> None:
    with subprocess.Popen([BINARY, *command], stdout=DEVNULL, stderr=PIPE) as process:
        poll("the moment to kill it", lambda: moment(process) or process.poll() is not None)
        meanwhile()
        process.kill()
    assert process.returncode == -signal.SIGKILL, "it was too fast"


def test_killed_and_gone_on_with(tmp_path, configs, database, to, secret):
    on_file, on_postgres, port = configs
    file = tmp_path / "data/poolkeeper.db"
    command = ["copy", "--from", f"sqlite:{file}", "--to", to, "--password-env", "COPY_PASSWORD"]
    node = Node(on_file, port)
    try:
        cognito = node.cognito()
        people = [new_user(cognito, POOL)[1] for _ in range(PEOPLE)]
        signed_in = [tokens(cognito, PUBLIC, email) for email in people]
        cognito.revoke_token(ClientId=PUBLIC, Token=signed_in[0]["RefreshToken"])
        with closing(sqlite3.connect(file, timeout=30)) as connection, connection:
            connection.execute(FILL)
        in_use = poolkeeper(*command)
        assert (in_use.returncode, in_use.stdout, in_use.stderr) == (
            1,
            "",
            f"the source {file} is in use: stop the server, and use no command on it until the copy "
            "is done\n",
        )
    finally:
        node.kill()

    assert file.with_name("poolkeeper.db-wal").stat().st_size > 0, "a kill leaves a log, which counts"

    def no_server_starts() -> None:
        early = poolkeeper("serve", "--config", on_file)
        told = f"the database {file} is in use by poolkeeper copy: stop it first\n"
        assert early.returncode == 1 and early.stderr.endswith(told), early.stderr

    moments = [lambda _, part=part: arrived(database) >= part * CLONES // 4 for part in (1, 2, 3)]
    for moment in [*moments, is_comparing]:
        kill_when(command, moment, no_server_starts)
        early = poolkeeper("serve", "--config", on_postgres)
        assert early.returncode == 1 and early.stderr.endswith(f"\n{UNFINISHED}"), early.stderr

    ended = poolkeeper(*command)
    assert ended.returncode == 0, ended.stderr
    assert secret not in ended.stdout + ended.stderr
    told = re.fullmatch(r"copied and compared: tables: (\d+), rows: (\d+)\n", ended.stdout)
    assert told and int(told[2]) > CLONES + 2 * PEOPLE
    closed = poolkeeper("serve", "--config", on_file)
    mark = file.with_name("poolkeeper.db.copied")
    assert closed.returncode == 1 and closed.stderr.endswith(
        f"the records of {file} were copied to a PostgreSQL database, which replaces this file: anything "
        f"written here would be missing there. To use the file anyway, remove {mark}\n"
    ), closed.stderr
    again = poolkeeper(*command)
    assert all(": read " in line for line in again.stderr.splitlines()), again.stderr
    assert again.returncode == 0 and again.stdout == f"already {ended.stdout}"

    node = Node(on_postgres, port)
    try:
        cognito = node.cognito()
        for email, old in zip(people, signed_in):
            assert cognito.get_user(AccessToken=tokens(cognito, PUBLIC, email)["AccessToken"])
            if old is not signed_in[0]:
                assert cognito.get_user(AccessToken=old["AccessToken"])
                assert refresh(cognito, PUBLIC, old["RefreshToken"])["AccessToken"]
        revoked = refusal(refresh, cognito, PUBLIC, signed_in[0]["RefreshToken"])
        assert revoked == ("NotAuthorizedException", "Refresh Token has been revoked")
        assert node.stop() == 0
    finally:
        node.kill()


def test_a_wrong_password_is_not_told(tmp_path, configs, to, monkeypatch):
    on_file, _, port = configs
    node = Node(on_file, port)
    assert node.stop() == 0
    file = tmp_path / "data/poolkeeper.db"
    wrong = "a-wrong-password-that-nobody-shall-see"
    monkeypatch.setenv("COPY_PASSWORD", wrong)
    command = ["copy", "--from", f"sqlite:{file}", "--to", to, "--password-env", "COPY_PASSWORD"]
    refused = poolkeeper(*command)
    assert (refused.returncode, refused.stdout, refused.stderr) == (
        1,
        "",
        "the destination cannot be used: the database is unavailable: password authentication failed for "
        'user "poolkeeper" (SQLSTATE 28P01)\n',
    )
    monkeypatch.setenv("POOLKEEPER_LOG", "trace")
    with_password = to.replace("@", f":{wrong}@", 1)
    refused = poolkeeper("copy", "--from", f"sqlite:{file}", "--to", with_password)
    assert refused.returncode == 2
    assert refused.stderr.startswith("do not write the password in --to: ")
    assert wrong not in refused.stderr
