"""docs/operations.md: which clients called which operation in this run. Runs last."""

import re
from collections import defaultdict

import pytest

from support import ROOT, Server, poolkeeper

# By what they call themselves, in the order of the page.
CLIENTS = {
    "boto3": "Boto3/",
    "aws-cli": "aws-cli/",
    "pycognito": "pycognito",
    "JavaScript SDK": "aws-sdk-js/",
    "Rust SDK": "aws-sdk-rust/",
    "Amplify": "aws-amplify/6",
    "identity-js": "aws-amplify/5",
}

# They answer as in a pool without threat protection, which is a refusal.
ALWAYS_REFUSED = {
    "AdminListUserAuthEvents",
    "AdminUpdateAuthEventFeedback",
    "UpdateAuthEventFeedback",
}

LINE = re.compile(r'operation="(\w+)" status=(\d+) .*agent="([^"]*)"')
PAGE = ROOT / "docs/operations.md"


@pytest.fixture(scope="module")
def callers(pytestconfig):
    """The clients that called each operation with success, from the logs of all servers."""
    if pytestconfig.getoption("keyword") or pytestconfig.getoption("file_or_dir") != ["tests/clients"]:
        pytest.skip("not all clients ran")
    callers = defaultdict(set)
    for log in Server.logs:
        for operation, status, agent in LINE.findall(log.read_text(errors="replace")):
            expected = "400" if operation in ALWAYS_REFUSED else "200"
            names = [name for name, says in CLIENTS.items() if agent.startswith(says)]
            if status == expected:
                callers[operation].update(names)
    return callers


def offered() -> set[str]:
    rows = [line.split() for line in poolkeeper("operations").stdout.splitlines()[:-1]]
    return {row[0] for row in rows if row[-2:] != ["not", "offered"]}


@pytest.mark.parametrize("client", ["boto3", "aws-cli"])
def test_every_operation_was_called(callers, client):
    called = {operation for operation, names in callers.items() if client in names}
    assert offered() - called == set()


def with_callers(page: str, callers: dict[str, set[str]]) -> str:
    """The page with one more column."""
    lines = page.splitlines()
    top = next(at for at, line in enumerate(lines) if line.startswith("| operation |"))
    lines[top] += " called by |"
    lines[top + 1] += "---|"
    for at in range(top + 2, len(lines)):
        operation = lines[at].split("`")[1]
        names = [name for name in CLIENTS if name in callers.get(operation, ())]
        lines[at] += f" {', '.join(names)} |"
    return "\n".join(lines) + "\n"


def test_the_page_in_docs_is_what_happened(callers, pytestconfig):
    page = with_callers(poolkeeper("operations", "--markdown").stdout, callers)
    if pytestconfig.getoption("--write-docs"):
        PAGE.write_text(page)
    assert PAGE.read_text() == page, "write it: ./scripts/test build clients -- --write-docs"
