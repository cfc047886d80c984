"""Watches a node: when it acknowledges writes, and that nobody shows less than was acknowledged."""

import threading
import time

from balancer import Answer, Balancer
from nodes import POOL


class Watch:
    """A thread for each node. It numbers the changes of a user of its own, and after each asks every
    node for the user: a number lower than the last that was acknowledged is a stale answer."""

    def __init__(self, bases: list[str], users: list[str]):
        self._nodes = [Balancer([base]) for base in bases]
        self.stale: list[tuple[int, Answer]] = []
        self.acknowledged: list[list[float]] = [[] for _ in bases]
        """When, by time.monotonic(), for each node."""
        self.failed = 0
        self.reads = 0
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._run, args=(own, users[own])) for own in range(len(bases))
        ]

    def __enter__(self) -> "Watch":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _run(self, own: int, email: str) -> None:
        named = {"UserPoolId": POOL, "Username": email}
        number = last = 0
        while not self._stop.wait(0.02):
            number += 1
            attributes = [{"Name": "nickname", "Value": str(number)}]
            order = named | {"UserAttributes": attributes}
            if self._nodes[own].cognito("AdminUpdateUserAttributes", order).ok:
                last = number
                self.acknowledged[own].append(time.monotonic())
            else:
                self.failed += 1
            for node in self._nodes:
                answer = node.cognito("AdminGetUser", named)
                self.reads += answer.ok
                if answer.ok and shown(answer) < last or answer.status == 400:
                    self.stale.append((last, answer))

    def outages(self, since: float) -> list[float]:
        """For each node the seconds from `since` to the first write acknowledged after the longest
        silence that touches it."""
        return [outage(times, since) for times in self.acknowledged]


def outage(times: list[float], since: float) -> float:
    after = [moment for moment in times if moment >= since - 1]
    gaps = zip(after, after[1:])
    _, end = max(gaps, key=lambda gap: gap[1] - gap[0])
    return end - since


def shown(answer: Answer) -> int:
    """The number that a node shows; none is 0."""
    attributes = {each["Name"]: each["Value"] for each in answer.body["UserAttributes"]}
    return int(attributes.get("nickname", 0))
