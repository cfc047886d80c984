"""Kept connections: no call is lost because of how the one before it was refused."""

import resource
import socket
import subprocess
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import requests

from support import BINARY, free_port, poll, run_node

JSON = {"content-type": "application/json"}

# What is refused before its body is read, and what is not, through every API. A body of 200,000
# bytes is longer than strangers may send.
CALLS = [
    {"method": "GET", "path": "/status/", "status": 200},
    {"method": "POST", "path": "/auth", "size": 100, "status": 400},
    {"method": "GET", "path": "/partners/", "status": 401},
    {"method": "POST", "path": "/partners/", "size": 50_000, "status": 405},
    {"method": "PUT", "path": "/auth/mfa/settings", "size": 60_000, "status": 401},
    {"method": "POST", "path": "/auth/partners/users", "size": 3_000, "status": 401},
    {"method": "POST", "path": "/nowhere", "size": 3_000, "status": 404},
    {"method": "POST", "path": "/api/admin/users", "size": 30_000, "status": 401},
    {"method": "POST", "path": "/api/auth/me", "size": 10, "status": 405},
    {"method": "POST", "path": "/api/auth/login", "size": 200_000, "status": 413},
    {"method": "POST", "path": "/api/auth/register/x", "size": 65_000, "status": 404},
    {"method": "POST", "path": "/Credentials", "size": 60_000, "status": 401},
    {"method": "PUT", "path": "/Login", "size": 60_000, "status": 405},
    {"method": "POST", "path": "/Login", "size": 100, "status": 400},
    {"method": "POST", "path": "/", "size": 60_000, "status": 400},
    {"method": "GET", "path": "/health", "status": 200},
]
CALLS = [call | {"headers": JSON} for call in CALLS]


def test_no_call_is_lost_by_requests(server):
    session = requests.Session()
    session.trust_env = False
    session.mount("http://", requests.adapters.HTTPAdapter(pool_maxsize=8))

    def call(number):
        wanted = CALLS[number % len(CALLS)]
        body = b"x" * wanted.get("size", 0) or None
        try:
            answer = session.request(
                wanted["method"], server.base + wanted["path"], headers=JSON, data=body, timeout=20
            )
        except requests.RequestException as error:
            return f"{wanted['method']} {wanted['path']}: {error!r}"
        if answer.status_code != wanted["status"]:
            return f"{wanted['method']} {wanted['path']}: {answer.status_code}"
        return None

    with ThreadPoolExecutor(8) as threads:
        lost = Counter(threads.map(call, range(4_000)))
    assert lost == {None: 4_000}


def test_no_call_is_lost_by_undici_and_axios(server):
    rounds = 3_000 // len(CALLS)
    told = run_node(
        "connections.mjs", {"base": server.base, "calls": CALLS, "rounds": rounds}
    )
    made = rounds * len(CALLS)
    assert told == {"answered": {"fetch": made, "axios": made}, "lost": []}


def test_idle_connections_leave_room_where_few_files_may_be_open(tmp_path):
    """With 256 files in all, one address that opens as many connections as it can keeps nobody out."""
    port, few = free_port(), 256
    process = subprocess.Popen(
        [BINARY, "dev", "--data", tmp_path / "data", "--listen", f"127.0.0.1:{port}"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (few, few)),
    )
    try:
        poll("the server is ready", lambda: healthy(port, "127.0.0.1"), 30)
        idle = [socket.create_connection(("127.0.0.1", port), 5) for _ in range(few)]
        began = time.monotonic()
        assert poll("another address is served", lambda: healthy(port, "127.0.0.2"), 5)
        assert time.monotonic() - began < 2
        for connection in idle:
            connection.close()
    finally:
        process.kill()
        process.wait()


def healthy(port: int, source: str) -> bool:
    """Whether the server answers a caller at this address."""
    try:
        with socket.create_connection(("127.0.0.1", port), 5, (source, 0)) as connection:
            head = "GET /health HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n"
            connection.sendall(head.encode())
            return connection.recv(100).startswith(b"HTTP/1.1 200")
    except OSError:
        return False


def resident(process: subprocess.Popen) -> int:
    """The memory of a process, in bytes."""
    [line] = [
        line
        for line in Path(f"/proc/{process.pid}/status").read_text().splitlines()
        if line.startswith("VmRSS:")
    ]
    return int(line.split()[1]) * 1024


MEBIBYTE = 1024 * 1024


def test_unfinished_bodies_take_little_memory(start):
    server = start()
    before = resident(server.process)
    head = (
        "POST /auth HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
        "content-length: {}\r\n\r\n"
    )
    connections = []
    for number in range(1_200):
        connection = socket.create_connection(("127.0.0.1", server.port), 5)
        connection.setblocking(False)
        length = 65_536 if number % 2 else 1_000_000
        try:
            connection.send(head.format(length).encode() + b"x" * 65_000)
        except OSError:
            pass
        connections.append(connection)
    assert healthy(server.port, "127.0.0.2")
    assert resident(server.process) < 150 * MEBIBYTE
    for connection in connections:
        connection.close()
    returned = before + 20 * MEBIBYTE
    poll("the memory is returned", lambda: resident(server.process) < returned, 30)


def test_unfinished_http2_streams_take_little_memory(start):
    """As many connections as the server lets in, from several addresses."""
    server = start()
    before = resident(server.process)
    sources = [f"127.0.0.{last}" for last in range(10, 18)]
    connections = [http2_flood(server.port, source) for source in sources * 64]
    poll("another address is served", lambda: healthy(server.port, "127.0.0.2"), 5)
    # Of 150 in all, of which a server that has hashed passwords has about 65.
    assert resident(server.process) - before < 85 * MEBIBYTE
    for connection in connections:
        connection.close()
    returned = before + 20 * MEBIBYTE
    poll("the memory is returned", lambda: resident(server.process) < returned, 30)


def http2_flood(port: int, source: str) -> socket.socket:
    """A connection whose streams all have a body that does not end."""

    def frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
        length = len(payload).to_bytes(3, "big")
        return length + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload

    # POST http://localhost/auth
    head = b"\x83\x86\x44\x05/auth\x41\x09localhost"
    flood = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4, 0, 0, b"")
    for stream in range(1, 32, 2):
        flood += frame(1, 4, stream, head) + frame(0, 0, stream, b"x" * 4_000)
    connection = socket.create_connection(("127.0.0.1", port), 5, (source, 0))
    connection.setblocking(False)
    try:
        connection.send(flood)
    except OSError:
        pass
    return connection
