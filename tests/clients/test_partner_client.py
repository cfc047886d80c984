"""The example client of the partner API, as its own README builds it."""

import shutil
import subprocess
import threading

import pytest

from support import (
    NODE_PACKAGES,
    OTHER_PASSWORD,
    PASSWORD,
    ROOT,
    new_email,
    new_user,
    run_node,
)

SOURCE = ROOT / "examples/partner-client"
BUILD = NODE_PACKAGES.parent / "partner-client"
GROUPS = ["webapp-access-group-1", "webapp-access-group-2"]
ADMINS = "partner-admins"


def npm(*arguments) -> str:
    ran = subprocess.run(
        ["npm", *arguments], cwd=BUILD, capture_output=True, text=True, timeout=120
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


@pytest.fixture(scope="module")
def build():
    """The folder of the compiled client."""
    for folder in ("src", "test", "dist"):
        shutil.rmtree(BUILD / folder, ignore_errors=True)
    ignored = shutil.ignore_patterns("node_modules", "dist", "devices.json")
    shutil.copytree(SOURCE, BUILD, dirs_exist_ok=True, ignore=ignored)
    npm("exec", "--offline", "tsc")
    return BUILD / "dist/src"


@pytest.fixture(scope="module")
def base(server):
    return server.url("/auth").removesuffix("/auth")


@pytest.fixture
def run(server, base, build):
    def run(scenario: str, **task) -> list:
        task |= {"scenario": scenario, "client": str(build), "base": base}
        return run_node("partner.mjs", task | {"inbox": server.dev["inbox_url"]})

    return run


@pytest.fixture(scope="module")
def ids(server):
    return [partner["id"] for partner in server.dev["partners"]]


@pytest.fixture(scope="module")
def member(server, admin, ids):
    """Makes a user of the first partner's: what one signs in with."""

    def member(*groups: str, temporary: bool = False) -> dict:
        _, email = new_user(admin, server.dev["pool_id"], ids[0], *groups, temporary=temporary)
        return {"username": email, "password": PASSWORD}

    return member


@pytest.fixture(scope="module")
def mail_code(server, admin):
    """Makes a code by mail the second factor of a user."""

    def mail_code(user: dict) -> dict:
        admin.admin_set_user_mfa_preference(
            UserPoolId=server.dev["pool_id"],
            Username=user["username"],
            EmailMfaSettings={"Enabled": True, "PreferredMfa": True},
        )
        return user

    return mail_code


def masked(email: str) -> str:
    local, domain = email.split("@")
    return f"{local[0]}***@{domain[0]}***"


def test_unit_tests(build):
    assert "# fail 0" in npm("test")


def test_partners(run, member, server, admin, ids):
    _, both = new_user(admin, server.dev["pool_id"], *ids)
    user = member(GROUPS[0])
    foreign = "partner-id-nobody"
    on, off = ({"package_builder": is_on, "price_alerts": True} for is_on in (True, False))
    assert run(
        "partners",
        member=user,
        both={"username": both, "password": PASSWORD},
        foreign=foreign,
    ) == [
        ["signedIn", [[ids[0]], ids[0], user["username"]]],
        ["partner", ids[0]],
        ["permissions", ["event.read"]],
        ["features", on],
        ["not mine", f"RangeError: not a partner of this user: {foreign}"],
        ["signedOut", "client"],
        ["after", "SignedOutError: signed out"],
        ["none chosen", f"RangeError: choose one with usePartner(): {', '.join(ids)}"],
        ["partner", [ids[0], on]],
        ["partner", [ids[1], off]],
        ["foreign", [403, "error.partner.forbidden", "PARTNER_FORBIDDEN"]],
        ["still in", True],
    ]


def test_totp_and_a_remembered_device(run, member):
    settings = {
        "required": True,
        "enabled": True,
        "preferred": "totp",
        "methods": {"totp": True, "email": False},
    }
    assert run("totp", user=member()) == [
        ["uri", True],
        ["wrong", [400, "error.auth.mfa_token_invalid", "MFA_TOKEN_INVALID"]],
        ["enrolled", settings],
        ["prefer", settings],
        ["settings", settings],
        ["signedOut", "client"],
        ["totp", None],
        ["totp", "MFA_TOKEN_INVALID"],
        ["remembered", None],
        ["signedOut", "client"],
        ["forgotten", "Error: asked"],
    ]


def test_code_by_mail_and_one_device_at_a_time(run, member, mail_code):
    user = mail_code(member())
    to = masked(user["username"])
    assert run("emailCode", user=user) == [
        ["emailCode", [to, None]],
        ["emailCode", [to, "MFA_TOKEN_INVALID"]],
        ["signedIn", user["username"]],
        ["remembered", None],
        ["emailCode", [to, None]],
        ["superseded", "Error: asked"],
    ]


def test_new_password_and_then_a_code(run, member, mail_code):
    user = mail_code(member(temporary=True))
    assert run("newPassword", user=user, password=OTHER_PASSWORD) == [
        ["newPassword", None],
        ["newPassword", ["PASSWORD_POLICY", "TOO_SHORT"]],
        ["emailCode", [masked(user["username"]), None]],
        ["signedIn", user["username"]],
        ["old", [401, "error.auth.invalid_credentials", "INVALID_CREDENTIALS"]],
    ]


def test_refresh_and_the_end_of_a_session(run, member):
    assert run("refresh", user=member(), admin=member(ADMINS)) == [
        ["calls", 10],
        ["refreshed", [1, True]],
        ["refreshed", [2, 1]],
        ["signedOut", "client"],
        ["suspended", [401, "error.auth.token_invalid", "TOKEN_INVALID"]],
        ["refreshed", 2],
        ["signed out", "SignedOutError: signed out"],
        ["sign-in", [401, "error.auth.account_disabled", "ACCOUNT_DISABLED"]],
    ]


def test_a_partner_admin_brings_in_a_user(run, member, ids):
    email = new_email()
    listed = {"email": email, "status": "CONFIRMED", "groups": [GROUPS[1]], "created_at": True}
    denied = [403, "error.permission.denied", "PERMISSION_DENIED"]
    invalid = [{"code": "too_short", "field": "email"}, {"code": "invalid_value", "field": "groups"}]
    assert run(
        "onboarding",
        admin=member(ADMINS, GROUPS[1]),
        member=member(GROUPS[1]),
        email=email,
        password=PASSWORD,
        groups=GROUPS,
    ) == [
        [
            "invalid",
            [400, "error.validation", "VALIDATION_ERROR", {"validationErrors": invalid}],
        ],
        ["weak", [400, "error.auth.password_policy", "PASSWORD_POLICY", {"subcode": "TOO_SHORT"}]],
        ["created", {"email": email, "status": "UNCONFIRMED", "partner_id": ids[0]}],
        ["again", [409, "error.auth.user_exists", "USER_EXISTS"]],
        ["too early", [403, "error.auth.user_not_confirmed", "USER_NOT_CONFIRMED"]],
        ["wrong", [400, "error.auth.conf_code_invalid", "CONF_CODE_INVALID"]],
        ["signedIn", [email, "Nina"]],
        ["permissions", ["event.read"]],
        ["permissions", ["campaign.edit", "event.read"]],
        ["listed", listed | {"enabled": True}],
        ["listed", listed | {"enabled": False}],
        ["signedOut", "client"],
        ["suspended", [401, "error.auth.token_invalid", "TOKEN_INVALID"]],
        ["oneself", denied],
        ["unknown", [404, "error.not_found", "NOT_FOUND"]],
        ["no admin", denied],
        ["no admin", denied],
    ]


def test_forgotten_password(run, member):
    user = member()
    assert run("forgotPassword", user=user, password=OTHER_PASSWORD) == [
        ["wrong", [400, "error.auth.conf_code_invalid", "CONF_CODE_INVALID"]],
        ["weak", [400, "error.auth.password_policy", "PASSWORD_POLICY", {"subcode": "TOO_SHORT"}]],
        ["signedOut", "client"],
        ["refresh", [401, "error.auth.refresh_token_invalid", "REFRESH_TOKEN_INVALID"]],
        ["old", [401, "error.auth.invalid_credentials", "INVALID_CREDENTIALS"]],
        ["signedIn", user["username"]],
    ]


# --- at the command line -------------------------------------------------------------------------


@pytest.fixture
def demo(build, base, tmp_path):
    """Runs the demo, answering each prompt, and gives what it printed."""

    def demo(*arguments, answers: list) -> str:
        devices = tmp_path / "devices.json"
        process = subprocess.Popen(
            ["node", build / "demo.js", "--url", base, "--devices", devices, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        guard = threading.Timer(60, process.kill)
        guard.start()
        output = ""
        for prompt, answer in answers:
            while not output.endswith(f"{prompt}: "):
                character = process.stdout.read(1)
                assert character, output
                output += character
            process.stdin.write(f"{answer() if callable(answer) else answer}\n")
            process.stdin.flush()
        output += process.stdout.read()
        guard.cancel()
        assert process.wait(20) == 0, output
        return output

    return demo


def test_demo_shows_what_a_user_may(demo, member, mail_code, server):
    user = mail_code(member(GROUPS[1]))
    email = user["username"]
    shown = (
        "Partner:     Acme Events (partner-id-acme)\n"
        "Permissions: campaign.edit, event.read\n"
        "Features:    package_builder, price_alerts\n"
    )
    password = ("Password", PASSWORD)
    code = (f"Code mailed to {masked(email)}", lambda: server.code(email))
    assert demo("--remember", email, answers=[password, code]).endswith(shown)
    # Remembered, and forgotten at the end.
    assert demo("--forget", email, answers=[password]).endswith(shown)
    assert demo(email, answers=[password, code]).endswith(shown)


def test_demo_brings_in_a_user(demo, member, server, ids):
    boss, email = member(ADMINS)["username"], new_email()
    output = demo(
        *(boss, "invite", email),
        answers=[
            ("Password", PASSWORD),
            (f"Password for {email}", PASSWORD),
            (f"Code mailed to {email}", lambda: server.code(email)),
        ],
    )
    assert f"{email} of {ids[0]} is UNCONFIRMED" in output
    assert output.endswith(f"{email} can sign in\n")
    assert f"{email}  FORCE_CHANGE_PASSWORD" in demo(boss, "users", answers=[("Password", PASSWORD)])


def test_demo_sets_a_new_password(demo, member, server):
    email = member()["username"]
    code = (f"Code mailed to {email}, if there is such a user", lambda: server.code(email))
    output = demo(email, "reset", answers=[code, ("New password", OTHER_PASSWORD)])
    assert output.endswith("The password is set\n")
    demo(email, answers=[("Password", OTHER_PASSWORD)])
