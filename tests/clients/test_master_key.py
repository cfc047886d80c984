"""The master key and the hold on a file, through the binary: wrong keys, second servers, another key."""

import base64
import os
import signal
import subprocess

import pytest

from support import (
    BINARY,
    Server,
    new_user,
    poll,
    poolkeeper,
    refresh,
    refusal,
    serve_config,
    tokens,
)

WRONG = (
    "this is not the master key that the database is sealed under, and nothing was changed: find the "
    "right one, or the database that belongs to this one\n"
)


def new_key(path):
    path.write_text(base64.b64encode(os.urandom(32)).decode())
    path.chmod(0o600)
    return str(path)


@pytest.fixture
def stopped(start):
    """What `dev` has left in its folder."""
    server = start()
    assert server.stop() == 0, server.output()
    return server


def config(server, folder, name="poolkeeper.toml", **more):
    file = folder / name
    file.write_text(serve_config(server.data, server.port, **more))
    return file


def contents(folder):
    """The database as it is: no log is left by who ended in order."""
    return (folder / "poolkeeper.db").read_bytes()


def test_a_wrong_key_ends_the_start(stopped, tmp_path):
    """(S10) Neither a server nor a command changes anything."""
    wrong = config(stopped, tmp_path, master_key_file=new_key(tmp_path / "wrong.key"))
    before = contents(stopped.data)
    for command in (["serve"], ["keys", "list", "--pool", stopped.dev["pool_id"]], ["outbox"]):
        ended = poolkeeper(*command, "--config", wrong)
        assert (ended.returncode, ended.stdout) == (2, "")
        assert ended.stderr.endswith(WRONG), ended.stderr
    backup = tmp_path / "backup"
    assert poolkeeper("backup", "--config", wrong, "--to", backup).returncode == 0
    checked = poolkeeper("restore", "--config", wrong, "--check", backup)
    assert (checked.returncode, checked.stderr.endswith(WRONG)) == (2, True), checked.stderr
    assert contents(stopped.data) == before
    right = Server.serve(config(stopped, tmp_path, "right.toml"), stopped.data, stopped.port)
    try:
        user = right.user("CONFIRMED")
        assert tokens(right.cognito(), right.public, user["email"], user["password"])
    finally:
        right.kill()


def test_a_second_server_is_told_who_holds_the_file(stopped, tmp_path):
    """(S10) Also when the first was killed before, which lets go of the file; commands do work beside it."""
    file = config(stopped, tmp_path)
    Server.serve(file, stopped.data, stopped.port).kill()
    first = Server.serve(file, stopped.data, stopped.port)
    try:
        second = poolkeeper("serve", "--config", file)
        holder = f"is in use by poolkeeper serve (process {first.process.pid}, since "
        assert second.returncode == 1 and holder in second.stderr, second.stderr
        assert second.stderr.endswith("Z): stop it first\n")
        listed = poolkeeper("keys", "list", "--config", file, "--pool", stopped.dev["pool_id"])
        assert listed.returncode == 0, listed.stderr
        backup = tmp_path / "backup"
        assert poolkeeper("backup", "--config", file, "--to", backup).returncode == 0
        # A database that was moved away under a server is not replaced.
        (stopped.data / "poolkeeper.db").rename(tmp_path / "moved.db")
        restored = poolkeeper("restore", "--config", file, backup)
        assert restored.returncode == 1 and holder in restored.stderr, restored.stderr
        assert not (stopped.data / "poolkeeper.db").exists()
    finally:
        first.kill()


def test_another_key_takes_its_place_while_the_server_runs(stopped, tmp_path):
    """(O4) Killed on the way, begun again, and at the end everything is under the new key."""
    old = stopped.data / "master.key"
    new = new_key(tmp_path / "new.key")
    alone = config(stopped, tmp_path, "old.toml")
    both = config(
        stopped, tmp_path, "both.toml", master_key_file=new, previous_master_key_file=str(old)
    )
    rotate = ["master-key", "rotate", "--config", both]

    server = Server.serve(alone, stopped.data, stopped.port)
    try:
        missed = poolkeeper(*rotate)
        assert missed.returncode == 1, missed.stdout + missed.stderr
        assert missed.stderr.startswith("nothing was sealed again: a running server does not have"), missed.stderr
        _, email = new_user(server.cognito(), server.dev["pool_id"])
        assert server.stop() == 0, server.output()
    finally:
        server.kill()

    server = Server.serve(both, stopped.data, stopped.port)
    try:
        before = tokens(server.cognito(), server.public, email)
        with subprocess.Popen([BINARY, *rotate], stdout=subprocess.PIPE, text=True) as process:
            poll("it seals", lambda: "rows sealed again" in process.stdout.readline())
            process.kill()
        assert process.returncode == -signal.SIGKILL
        unfinished = poolkeeper("outbox", "--config", config(stopped, tmp_path, "new.toml", master_key_file=new))
        assert unfinished.returncode == 2
        assert unfinished.stderr.startswith("parts of the database are still sealed under the previous")
        done = poolkeeper(*rotate)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "sealed values are sealed under it\n" in done.stdout
        assert refresh(server.cognito(), server.public, before["RefreshToken"])
        assert tokens(server.cognito(), server.public, email)
        assert server.stop() == 0, server.output()
    finally:
        server.kill()

    server = Server.serve(tmp_path / "new.toml", stopped.data, stopped.port)
    try:
        cognito = server.cognito()
        assert tokens(cognito, server.public, email)
        user = server.user("CONFIRMED")
        assert tokens(cognito, server.public, user["email"], user["password"])
        assert refusal(refresh, cognito, server.public, before["RefreshToken"])
        late = poolkeeper("outbox", "--config", alone)
        assert (late.returncode, late.stderr.endswith(WRONG)) == (2, True), late.stderr
    finally:
        server.kill()
