"""headless Chromium: examples/portal, the single-page application over the portal API."""

import functools
import shutil
import threading
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

from support import NODE_PACKAGES, ROOT, new_email, run_node

# Origins that the demo allows pages of.
PORTS = (5173, 3000)
SCREENSHOTS = NODE_PACKAGES.parent / "screenshots"


@contextmanager
def static_server(folder):
    """Serves files, as any web server would."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    handler = functools.partial(Quiet, directory=folder)
    for port in PORTS:
        try:
            server = ThreadingHTTPServer(("127.0.0.1", port), handler)
            break
        except OSError:
            continue
    else:
        pytest.fail(f"neither of the ports {PORTS} is free")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://localhost:{port}/"
    server.shutdown()
    server.server_close()


def test_the_example_application(start, tmp_path):
    # A server of its own: users are changed.
    server = start()
    folder = tmp_path / "page"
    shutil.copytree(ROOT / "examples/portal", folder)
    config = folder / "config.js"
    config.write_text(config.read_text().replace("http://127.0.0.1:8080", server.base))
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    user, temporary = server.user("CONFIRMED"), server.user("FORCE_CHANGE_PASSWORD")
    admin = next(user for user in server.dev["users"] if "admin" in user["groups"])
    created = new_email()
    with static_server(folder) as page:
        task = {
            "chromium": shutil.which("chromium"),
            "page": page,
            "base": server.base,
            "inbox": server.dev["inbox_url"],
            "screenshots": str(SCREENSHOTS),
            "password": user["password"],
            "fresh": "Fresh-Passw0rd",
            "user": user["email"],
            "temporary": temporary["email"],
            "admin": admin["email"],
            "created": created,
        }
        events = run_node("portal.mjs", task, seconds=120)
    assert events == [
        ["step", "wrongPassword"],
        ["refused", "Invalid credentials"],
        ["step", "whoAmI"],
        ["me", [user["email"], "user", user["username"]]],
        ["sections", 1],
        ["stored", [[], ["portal.refreshToken"], ""]],
        ["stored", [[], [], ""]],
        ["step", "temporaryPassword"],
        ["refused", "Password does not meet requirements"],
        ["me", [temporary["email"], "user", temporary["username"]]],
        ["step", "forgottenPassword"],
        ["step", "administration"],
        ["disabled", [created, "DISABLED", "", "Enable"]],
        ["enabled", [created, "FORCE_CHANGE_PASSWORD", "", "Disable"]],
        ["refused", "User already exists"],
        ["step", "wornOutToken"],
        ["refreshes", 1],
        ["step", "endedElsewhere"],
        ["told", ["Please sign in again."]],
    ]
