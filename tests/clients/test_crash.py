"""Nothing that was acknowledged is lost when the process is killed."""

import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor

from botocore.exceptions import BotoCoreError, ClientError

from support import PASSWORD, Server, new_email, poll, refresh, sign_in

ROUNDS = 5
WRITERS = 8
# How many more users a round waits for before it kills: enough for every writer to be at work.
BURST = 24


class Burst:
    """Threads that create users and sign them in, and remember what was acknowledged."""

    def __init__(self):
        self.users: list[str] = []
        self.refresh_tokens: list[str] = []
        self.refused: list[Exception] = []

    def run(self, server: Server) -> None:
        """Writes until the server is killed in the middle of it."""
        writers = [threading.Thread(target=self._write, args=[server]) for _ in range(WRITERS)]
        enough = len(self.users) + BURST
        for writer in writers:
            writer.start()
        try:
            poll("a burst", lambda: self.refused or len(self.users) >= enough)
        finally:
            server.kill()
            for writer in writers:
                writer.join()
        assert not self.refused

    def _write(self, server: Server) -> None:
        cognito, pool = server.cognito(), server.dev["pool_id"]
        try:
            while True:
                email = new_email()
                user = {"UserPoolId": pool, "Username": email}
                acknowledged(cognito.admin_create_user(**user, MessageAction="SUPPRESS"), "User")
                self.users.append(email)
                cognito.admin_set_user_password(**user, Password=PASSWORD, Permanent=True)
                answer = sign_in(cognito, server.public, email)
                result = acknowledged(answer, "AuthenticationResult")
                self.refresh_tokens.append(result["RefreshToken"])
        except ClientError as error:
            self.refused.append(error)
        except (BotoCoreError, CutOffError):
            pass  # The server is gone.


class CutOffError(Exception):
    """The server was killed in the middle of a reply."""


def acknowledged(answer: dict, member: str) -> dict:
    """What a whole reply holds. botocore reads one whose body is missing as an empty one."""
    if member not in answer:
        raise CutOffError
    return answer[member]


def test_kill_during_a_burst_of_writes(start):
    burst = Burst()
    server = start()
    for _ in range(ROUNDS):
        burst.run(server)
        server = start(port=server.port)
        cognito, pool = server.cognito(), server.dev["pool_id"]
        with ThreadPoolExecutor(WRITERS) as threads:
            found = threads.map(
                lambda email: cognito.admin_get_user(UserPoolId=pool, Username=email), burst.users
            )
            renewed = threads.map(
                lambda token: refresh(cognito, server.public, token), burst.refresh_tokens
            )
            assert all(user["Username"] for user in found)
            assert all(answer["AccessToken"] for answer in renewed)
    assert len(burst.users) >= ROUNDS * BURST and burst.refresh_tokens

    assert server.stop() == 0, server.output()
    databases = [file for file in server.data.rglob("*") if is_sqlite(file)]
    assert databases
    for file in databases:
        [(verdict,)] = sqlite3.connect(file).execute("PRAGMA integrity_check")
        assert verdict == "ok"


def is_sqlite(file) -> bool:
    return file.is_file() and file.read_bytes()[:16] == b"SQLite format 3\0"
