"""curl: the commands that `poolkeeper dev` prints, and everything that is not a request."""

import json
import os
import re
import subprocess
from typing import NamedTuple

import pytest

from support import BINARY, TARGET

JWT = re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]+")
MEBIBYTE = 1 << 20


def test_every_printed_command_works_when_pasted(server):
    answers = {}
    for command in server.commands():
        done = subprocess.run(
            ["sh", "-c", command], capture_output=True, text=True, timeout=30, cwd="/"
        )
        assert done.returncode == 0, f"{command}\n{done.stderr}"
        answers[command] = done.stdout
    # It signs in on the way.
    [administration] = [command for command in answers if "/api/admin/users" in command]
    assert json.loads(answers.pop(administration))["success"]
    kinds = {
        "cognito": TARGET + "InitiateAuth",
        "partner": "/auth",
        "portal": "/api/auth/login",
        "tenant": "/Login",
    }
    for face, mark in kinds.items():
        ours = [answer for command, answer in answers.items() if mark in command]
        assert ours and all(JWT.search(answer) for answer in ours), f"{face}: {ours}"
    [keys] = [answer for command, answer in answers.items() if "jwks.json" in command]
    assert len(json.loads(keys)["keys"]) >= 2


@pytest.mark.parametrize("way", ["printed", "--print-env"])
def test_aws_finds_the_demo_by_its_environment(server, way):
    """As the demo prints it, and as a script asks for it."""
    if way == "printed":
        lines = server.output().splitlines()
        [end] = [at for at, line in enumerate(lines) if line.startswith("  aws ")]
        script = "\n".join(lines[end - 3 : end + 1])
    else:
        pool = server.dev["pool_id"]
        script = (
            f'eval "$({BINARY} dev --data {server.data} --print-env)"\n'
            f"aws cognito-idp list-users --user-pool-id {pool}"
        )
    environment = {"PATH": os.environ["PATH"], "HOME": str(server.data)}
    done = subprocess.run(
        ["sh", "-c", script], capture_output=True, text=True, timeout=60, env=environment
    )
    assert done.returncode == 0, done.stderr
    assert len(json.loads(done.stdout)["Users"]) >= len(server.dev["users"])


def test_the_environment_needs_a_demo(tmp_path):
    done = subprocess.run(
        [BINARY, "dev", "--data", tmp_path, "--print-env"], capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert "start `poolkeeper dev` with this folder first" in done.stderr


def test_the_environment_runs_nothing(tmp_path):
    key = {"id": "a", "secret": "b"}
    for url in ("http://127.0.0.1:1'; touch broken; '", "https://example.com", "http://127.0.0.1.example.com"):
        dev = {"base_url": url, "region": "us-east-1", "access_key": key}
        (tmp_path / "dev.json").write_text(json.dumps(dev))
        done = subprocess.run(
            [BINARY, "dev", "--data", tmp_path, "--print-env"], capture_output=True, text=True
        )
        assert (done.returncode, done.stdout) == (1, ""), url


# --- bad input -----------------------------------------------------------------------------------


class Reply(NamedTuple):
    status: int
    headers: dict
    body: dict


class Face(NamedTuple):
    """How a face takes a sign-in, and how it says no."""

    method: str
    url: str
    headers: tuple
    good: dict

    def send(self, body: str | bytes = "", method=None, path="", headers=None) -> Reply:
        """What curl gets. No reply of a face is ever anything but JSON."""
        headers = self.headers if headers is None else headers
        done = subprocess.run(
            [
                *("curl", "--silent", "--max-time", "10", "--dump-header", "-"),
                *("--request", method or self.method, self.url + path),
                *(part for header in ("Expect:", *headers) for part in ("--header", header)),
                *("--data-binary", "@-"),
            ],
            input=body if isinstance(body, bytes) else body.encode(),
            capture_output=True,
            timeout=20,
        )
        # 55 and 56: the server answered before it had read all and closed.
        assert done.returncode in (0, 55, 56), done.stderr
        head, _, content = done.stdout.partition(b"\r\n\r\n")
        status, *lines = head.decode().split("\r\n")
        pairs = (line.partition(": ") for line in lines)
        found = {name.lower(): value for name, _, value in pairs}
        assert "json" in found["content-type"], (head, content)
        assert found["x-request-id"]
        return Reply(int(status.split()[1]), found, json.loads(content))


def cognito(reply: Reply) -> str:
    assert set(reply.body) <= {"__type", "message"}
    assert reply.headers["content-type"] == "application/x-amz-json-1.1"
    assert reply.headers["x-amzn-requestid"]
    assert reply.headers["x-amzn-errortype"] == reply.body["__type"]
    return f"{reply.status} {reply.body['__type']}"


def partner(reply: Reply) -> str:
    known = {"message", "error_code", "error_subcode", "validation_errors"}
    assert {"message", "error_code"} <= set(reply.body) <= known
    for error in reply.body.get("validation_errors", []):
        assert {"code", "field"} <= set(error)
    return f"{reply.status} {reply.body['message']} {reply.body['error_code']}"


def portal(reply: Reply) -> str:
    assert set(reply.body) == {"detail"}
    detail = reply.body["detail"]
    if isinstance(detail, list):
        problems = [f"{'.'.join(map(str, e['loc']))}: {e['type']}: {e['msg']}" for e in detail]
        detail = "; ".join(re.sub(r"^body\.\d+:", "body.N:", problem) for problem in problems)
    return f"{reply.status} {detail}"


def tenant(reply: Reply) -> str:
    assert set(reply.body) == {"message", "error"}
    return f"{reply.status} {reply.body['error']}"


SHAPES = {"cognito": cognito, "partner": partner, "portal": portal, "tenant": tenant}
TENANT_REQUIRED = (
    "UserName, TenantName and Password are required: "
    "UserName is missing, TenantName is missing, Password is missing"
)


@pytest.fixture(scope="module")
def faces(server):
    amz, plain = "Content-Type: application/x-amz-json-1.1", "Content-Type: application/json"
    initiate = (amz, f"X-Amz-Target: {TARGET}InitiateAuth")
    person = {"username": "x@example.com", "password": "x"}
    flow = {"ClientId": server.public, "AuthFlow": "USER_PASSWORD_AUTH"}
    return {
        "cognito": Face("POST", f"{server.base}/", initiate, flow),
        "partner": Face("POST", server.url("/auth"), (plain,), person),
        "portal": Face("POST", server.url("/api/auth/login"), (plain,), person),
        "tenant": Face(
            "POST",
            server.url("/Login"),
            (plain,),
            {"UserName": "x", "TenantName": "x", "Password": "x"},
        ),
    }


INVALID, SERIALIZATION = "400 InvalidParameterException", "400 SerializationException"
VALIDATION = "400 error.validation VALIDATION_ERROR"
USERNAME_TYPE = "body.username: string_type: Input should be a valid string"
REQUIRED = "body.{}: missing: Field required"
MISSING = f"422 {REQUIRED.format('username')}; {REQUIRED.format('password')}"


@pytest.mark.parametrize(
    ("face", "body", "expected"),
    [
        ("cognito", "{", SERIALIZATION),
        ("cognito", "[]", SERIALIZATION),
        ("cognito", b"\xff\xfe", SERIALIZATION),
        ("cognito", '{"ClientId": 1, "AuthFlow": "USER_PASSWORD_AUTH"}', SERIALIZATION),
        ("cognito", '{"AuthParameters": []}', SERIALIZATION),
        ("cognito", "[" * 60_000, SERIALIZATION),
        ("cognito", "{}", INVALID),
        ("cognito", "", INVALID),
        ("partner", "{", VALIDATION),
        ("partner", "", VALIDATION),
        ("partner", "[]", VALIDATION),
        ("partner", b"\xff\xfe", VALIDATION),
        ("partner", "{}", VALIDATION),
        ("partner", '{"username": 1, "password": "x"}', VALIDATION),
        ("partner", '{"username": "", "password": "x"}', VALIDATION),
        ("partner", json.dumps({"username": "x" * 129, "password": "x"}), VALIDATION),
        ("partner", json.dumps({"username": "x", "password": "x" * 257}), VALIDATION),
        ("portal", "{", "422 body.N: json_invalid: JSON decode error"),
        ("portal", "", "422 body: missing: Field required"),
        ("portal", "{}", MISSING),
        ("portal", '{"username": 1, "password": "x"}', f"422 {USERNAME_TYPE}"),
        ("portal", '{"username": null, "password": "x"}', f"422 {USERNAME_TYPE}"),
        ("tenant", "{", "400 BadRequest"),
        ("tenant", "", "400 BadRequest"),
        ("tenant", "[]", "400 BadRequest"),
        ("tenant", "{}", "400 BadRequest"),
        ("tenant", '{"UserName": 1, "TenantName": "x", "Password": "x"}', "400 BadRequest"),
        ("tenant", '{"UserName": "", "TenantName": "x", "Password": "x"}', "400 BadRequest"),
        ("tenant", '{"username": "x", "tenantname": "x", "password": "x"}', "400 BadRequest"),
    ],
)  # fmt: skip
def test_bad_bodies(faces, face, body, expected):
    assert SHAPES[face](faces[face].send(body)) == expected


def test_the_tenant_face_says_what_it_needs(faces):
    assert faces["tenant"].send("{}").body == {"message": TENANT_REQUIRED, "error": "BadRequest"}


def test_the_partner_face_names_the_fields(faces):
    body = faces["partner"].send('{"username": 1}').body
    assert [error["field"] for error in body["validation_errors"]] == ["username", "password"]


@pytest.mark.parametrize("face", SHAPES)
def test_a_body_over_a_mebibyte(faces, face):
    large = json.dumps(faces[face].good | {"padding": "x" * MEBIBYTE})
    assert SHAPES[face](faces[face].send(large)).split()[0] in ("400", "413")


@pytest.mark.parametrize("face", SHAPES)
def test_another_content_type(faces, face):
    others = [header for header in faces[face].headers if not header.startswith("Content-Type")]
    as_json = SHAPES[face](faces[face].send(json.dumps(faces[face].good)))
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        reply = faces[face].send(
            json.dumps(faces[face].good), headers=[*others, f"Content-Type: {kind}"]
        )
        if face == "tenant":
            # What `curl -d` sends is read.
            assert SHAPES[face](reply) == as_json
        else:
            assert SHAPES[face](reply).split()[0] in ("400", "415", "422")


@pytest.mark.parametrize(
    ("face", "method", "path", "expected"),
    [
        ("partner", "GET", "", "405 error.method_not_allowed METHOD_NOT_ALLOWED"),
        ("partner", "DELETE", "", "405 error.method_not_allowed METHOD_NOT_ALLOWED"),
        ("partner", "POST", "/nothing/here", "404 error.not_found NOT_FOUND"),
        ("partner", "POST", "/logout", "404 error.not_found NOT_FOUND"),
        ("portal", "GET", "", "405 Method Not Allowed"),
        ("portal", "PUT", "", "405 Method Not Allowed"),
        ("portal", "POST", "/../nothing-here", "404 Not Found"),
        ("tenant", "GET", "", "405 MethodNotAllowed"),
        ("tenant", "POST", "/nothing", "404 NotFound"),
        ("tenant", "PUT", "", "405 MethodNotAllowed"),
    ],
)
def test_methods_and_paths(faces, face, method, path, expected):
    reply = faces[face].send("{}", method=method, path=path)
    assert SHAPES[face](reply) == expected
    assert reply.status != 405 or "POST" in reply.headers["allow"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "nothing", 404),
        ("POST", "nothing/at/all", 404),
        ("GET", "%2e%2e/etc/passwd", 404),
        ("GET", "Login.css", 404),
        ("PUT", "", 405),
        ("DELETE", "", 405),
    ],
)
def test_what_no_face_answers(faces, method, path, status):
    assert faces["cognito"].send("", method=method, path=path).status == status


@pytest.mark.parametrize(
    "target",
    [
        (),
        ("X-Amz-Target: InitiateAuth",),
        (f"X-Amz-Target: {TARGET}NoSuchOperation",),
        ("X-Amz-Target: AnotherService.InitiateAuth",),
    ],
)
def test_unknown_operations(faces, target):
    headers = ["Content-Type: application/x-amz-json-1.1", *target]
    assert cognito(faces["cognito"].send("{}", headers=headers)) == "400 UnknownOperationException"


def test_the_content_type_may_name_a_charset(faces):
    kind = "Content-Type: application/x-amz-json-1.1; charset=utf-8"
    headers = [kind, f"X-Amz-Target: {TARGET}InitiateAuth"]
    assert cognito(faces["cognito"].send("{}", headers=headers)) == INVALID
