"""People at work: everything that was acknowledged is remembered, and looked for afterwards."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

from balancer import Answer, Balancer
from nodes import PARTNER, POOL, PUBLIC
from support import PASSWORD, new_email, poll

WORKERS = 6
REVOKED = {"__type": "NotAuthorizedException", "message": "Refresh Token has been revoked"}


class Load:
    """Threads that make users, sign them in through three faces, refresh and end sign-ins.

        with Load(cluster.bases) as load:
            load.work(20)               # 20 more people have gone through all of it
            ...                         # whatever is to be survived
        assert load.errors == []        # every failure a client was told after its second try
        load.verify()                   # nothing that was acknowledged is lost

    A failure ends the round of a person, never the load. A fact is what a 200 said.
    """

    def __init__(self, bases: list[str], workers: int = WORKERS):
        self.balancer = Balancer(bases)
        self.users: list[str] = []
        """Whose permanent password was acknowledged."""
        self.tokens: list[str] = []
        """Refresh tokens of complete sign-ins through Cognito's protocol."""
        self.partner_tokens: list[str] = []
        self.revoked: list[str] = []
        """Refresh tokens whose revocation was acknowledged."""
        self.rounds = 0
        self.answers: list[Answer] = []
        self.errors: list[Answer] = []
        """Failures, each with the time it took."""
        self.last_error = 0.0
        """When, by time.monotonic()."""
        self.broken: list[BaseException] = []
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._run) for _ in range(workers)]

    def __enter__(self) -> "Load":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()
        assert self.broken == []

    def work(self, rounds: int, seconds: float = 60) -> None:
        """Waits until so many more people have gone through all of it."""
        enough = self.rounds + rounds
        poll(f"{rounds} rounds", lambda: self.broken or self.rounds >= enough, seconds)

    def fail(self, errors: int, seconds: float = 60) -> None:
        """Waits until so many more failures have been told."""
        enough = len(self.errors) + errors
        poll(f"{errors} failures", lambda: self.broken or len(self.errors) >= enough, seconds)

    def _run(self) -> None:
        try:
            while not self._stop.is_set():
                if self._round():
                    self.rounds += 1
                else:
                    time.sleep(0.02)
        except BaseException as error:
            self.broken.append(error)

    def _round(self) -> bool:
        """One person's life; false if a step failed."""
        email = new_email()
        named = {"UserPoolId": POOL, "Username": email}
        order = named | {"MessageAction": "SUPPRESS", "UserAttributes": proven(email)}
        # The first try may have made the user though its answer was lost.
        if not self._did("AdminCreateUser", order, "UsernameExistsException"):
            return False
        password = named | {"Password": PASSWORD, "Permanent": True}
        if not self._did("AdminSetUserPassword", password):
            return False
        self.users.append(email)
        group = named | {"GroupName": PARTNER}
        if not self._did("AdminAddUserToGroup", group):
            return False
        first, second = self._sign_in(email), self._sign_in(email)
        if not (first and second):
            return False
        self.tokens.append(first)
        if not self._refresh(first):
            return False
        if self._did("RevokeToken", {"ClientId": PUBLIC, "Token": second}):
            self.revoked.append(second)
        return self._faces(email)

    def _faces(self, email: str) -> bool:
        credentials = {"username": email, "password": PASSWORD}
        partner = self._tell(self.balancer.post("/auth", credentials))
        portal = self._tell(self.balancer.post("/api/auth/login", credentials))
        if not (partner and portal):
            return False
        self.partner_tokens.append(partner["RefreshToken"])
        return bool(self._tell(self.balancer.get("/api/auth/me", portal["access_token"])))

    def _sign_in(self, email: str) -> str | None:
        """The refresh token."""
        parameters = {"USERNAME": email, "PASSWORD": PASSWORD}
        order = {"ClientId": PUBLIC, "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": parameters}
        body = self._tell(self.balancer.cognito("InitiateAuth", order))
        return body["AuthenticationResult"]["RefreshToken"] if body else None

    def _refresh(self, token: str) -> bool:
        return bool(self._tell(self.balancer.cognito("InitiateAuth", renewal(token))))

    def _did(self, operation: str, body: dict, done: str = "") -> bool:
        """Whether it was acknowledged, or a second try was told that it is `done` already."""
        answer = self.balancer.cognito(operation, body)
        if answer.tries == 2 and answer.status == 400 and done and done in str(answer.body):
            self.answers.append(answer)
            return True
        return self._tell(answer) is not None

    def _tell(self, answer: Answer) -> dict | None:
        self.answers.append(answer)
        if answer.ok:
            return answer.body
        self.last_error = time.monotonic()
        self.errors.append(answer)
        return None

    # --- afterwards ------------------------------------------------------------------------------

    def verify(self) -> None:
        """Everything that was acknowledged is there, at whichever node."""
        assert self.users and self.tokens and self.partner_tokens and self.revoked
        cognito, post = self.balancer.cognito, self.balancer.post
        with ThreadPoolExecutor(4) as threads:
            shown = threads.map(
                lambda email: cognito("AdminGetUser", {"UserPoolId": POOL, "Username": email}),
                self.users,
            )
            assert [user for user in shown if not confirmed(user)] == []
            renewed = threads.map(lambda it: cognito("InitiateAuth", renewal(it)), self.tokens)
            assert [answer for answer in renewed if not answer.ok] == []
            partner = threads.map(
                lambda token: post("/auth/refresh_token", {"token": token}), self.partner_tokens
            )
            assert [answer for answer in partner if not answer.ok] == []
            ended = threads.map(lambda token: cognito("InitiateAuth", renewal(token)), self.revoked)
            told = {(answer.status, str(answer.body)) for answer in ended}
            assert told == {(400, str(REVOKED))}

    def report(self, name: str, **more: float) -> None:
        """Prints numbers for people."""
        slowest = max(self.answers, key=lambda answer: answer.seconds)
        facts = {
            "requests": len(self.answers),
            "second tries": sum(answer.tries == 2 for answer in self.answers),
            "errors told": len(self.errors),
            "longest answer": f"{slowest.seconds:.2f} s ({slowest.what})",
            "users": len(self.users),
            "sign-ins": len(self.tokens) + len(self.partner_tokens),
            "revoked": len(self.revoked),
        } | {key: f"{value:.2f} s" for key, value in more.items()}
        print(f"{name}: " + ", ".join(f"{key} {value}" for key, value in facts.items()))


def proven(email: str) -> list[dict]:
    return [{"Name": "email", "Value": email}, {"Name": "email_verified", "Value": "true"}]


def confirmed(user: Answer) -> bool:
    return user.ok and user.body["UserStatus"] == "CONFIRMED"


def renewal(token: str) -> dict:
    parameters = {"REFRESH_TOKEN": token}
    return {"ClientId": PUBLIC, "AuthFlow": "REFRESH_TOKEN_AUTH", "AuthParameters": parameters}
