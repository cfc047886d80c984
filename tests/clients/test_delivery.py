"""Mail and text messages leave the server, whatever happens on the way."""

import datetime
import email
import email.policy
import hmac
import http.server
import ipaddress
import json
import re
import socketserver
import ssl
import threading
import time

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from support import Server, free_port, new_email, poll, poolkeeper, serve_config

SECRET = "hook-s3cret"


# --- servers of the test's own -------------------------------------------------------------------


class MailServer(socketserver.ThreadingTCPServer):
    """The least that is a mail server. `failures` are answered to RCPT before anything else."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, port=0, failures=(), tls=None):
        super().__init__(("127.0.0.1", port), MailHandler)
        self.port = self.server_address[1]
        self.failures, self.tls = list(failures), tls
        self.mails, self.logins, self.tried = [], [], 0
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, request, client_address):
        pass  # Clients that leave in the middle are part of the tests.


class MailHandler(socketserver.StreamRequestHandler):
    def say(self, line):
        self.wfile.write(f"{line}\r\n".encode())

    def handle(self):
        self.say("220 test")
        secured = self.server.tls is None
        while line := self.rfile.readline().decode().strip():
            verb = line.split()[0].upper()
            if verb == "EHLO":
                extension = "AUTH PLAIN" if secured else "STARTTLS"
                self.say(f"250-test\r\n250 {extension}")
            elif verb == "STARTTLS":
                self.say("220 go on")
                self.request = self.server.tls.wrap_socket(self.request, server_side=True)
                self.setup()
                secured = True
            elif verb == "QUIT":
                return self.say("221 bye")
            elif not secured:
                self.say("530 STARTTLS first")
            elif verb == "AUTH":
                self.server.logins.append(line)
                self.say("235 welcome")
            elif verb == "RCPT":
                self.server.tried += 1
                self.say(self.server.failures.pop(0) if self.server.failures else "250 fine")
            elif verb == "DATA":
                self.say("354 go on")
                lines = iter(self.rfile.readline, b".\r\n")
                mail = email.message_from_bytes(b"".join(lines), policy=email.policy.default)
                self.server.mails.append(mail)
                self.say("250 taken")
            else:
                self.say("250 fine")


class HookServer(http.server.ThreadingHTTPServer):
    """Remembers what it is called with. `failures` are answered first."""

    daemon_threads = True

    def __init__(self, failures=()):
        super().__init__(("127.0.0.1", 0), HookHandler)
        self.url = f"http://127.0.0.1:{self.server_port}/send"
        self.failures, self.calls = list(failures), []
        threading.Thread(target=self.serve_forever, daemon=True).start()


class HookHandler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.calls.append((dict(self.headers.items()), body))
        self.send_response(self.server.failures.pop(0) if self.server.failures else 204)
        self.end_headers()

    def log_message(self, *_):
        pass


def verified(headers: dict, body: bytes, secret: str) -> dict:
    """The message of a call whose signature is right and recent."""
    sent = dict(part.split("=", 1) for part in headers["poolkeeper-signature"].split(","))
    signed = sent["t"].encode() + b"." + body
    expected = hmac.digest(secret.encode(), signed, "sha256").hex()
    assert hmac.compare_digest(sent["v1"], expected)
    assert abs(time.time() - int(sent["t"])) < 300
    message = json.loads(body)
    assert headers["idempotency-key"] == message["id"]
    return message


# --- the server ----------------------------------------------------------------------------------


class Delivering:
    """A server that sends, on a folder that the demo has filled."""

    def __init__(self, start, folder):
        dev = start()
        assert dev.stop() == 0, dev.output()
        self.folder, self.data, self.port = folder, dev.data, free_port()
        self.config, self.server = folder / "poolkeeper.toml", None
        (folder / "hook.secret").write_text(SECRET)

    def start(self, sending: str, **environment) -> Server:
        self.config.write_text(serve_config(self.data, self.port) + sending)
        checked = poolkeeper("config", "check", "--config", self.config)
        assert checked.returncode == 0, checked.stderr
        arguments = ["serve", "--config", self.config]
        log = self.folder / "serve.log"
        self.server = Server(arguments, self.port, self.data, log, **environment)
        return self.server

    def invite(self, **attributes) -> str:
        """The name of a new user who is sent a temporary password."""
        address = new_email()
        attributes = {"email": address} | attributes
        self.server.cognito().admin_create_user(
            UserPoolId=self.server.dev["pool_id"],
            Username=address,
            DesiredDeliveryMediums=["SMS" if "phone_number" in attributes else "EMAIL"],
            UserAttributes=[{"Name": name, "Value": value} for name, value in attributes.items()],
        )
        return address

    def outbox(self, *arguments: str):
        return poolkeeper("outbox", *arguments, "--config", self.config)


@pytest.fixture
def delivering(start, tmp_path):
    delivering = Delivering(start, tmp_path)
    yield delivering
    if delivering.server:
        delivering.server.kill()


def smtp(port: int, **more) -> str:
    settings = {"host": "127.0.0.1", "port": port, "tls": "none"} | more
    lines = "".join(f"{name} = {json.dumps(value)}\n" for name, value in settings.items())
    return f'[mail]\nfrom = "Example <no-reply@example.com>"\n[mail.smtp]\n{lines}'


def hook(channel: str, url: str) -> str:
    return f'[{channel}.hook]\nurl = "{url}"\nsecret_file = "hook.secret"\n'


def only(items: list):
    return items[0] if items else None


# --- mail ----------------------------------------------------------------------------------------


def test_a_mail_arrives_after_a_failure_and_a_kill(delivering):
    nobody = free_port()
    server = delivering.start(smtp(nobody))
    address = delivering.invite()
    poll("an attempt in vain", lambda: "will be tried again" in server.output())
    waiting = delivering.outbox()
    assert waiting.returncode == 0, waiting.stderr
    row = waiting.stdout.splitlines()[-2]
    assert "invitation" in row and "attempts: 1" in row and "Connection refused" in row
    server.kill()

    mails = MailServer(nobody, failures=["450 4.2.1 come back later"])
    server = delivering.start(smtp(nobody, username="user", password_file="hook.secret"))
    mail = poll("the mail", lambda: only(mails.mails), 60)
    assert mail["to"] == address and mail["from"] == "Example <no-reply@example.com>"
    password = re.search(r"temporary password is (\S+)\.\s*$", mail.get_content())[1]
    assert mails.tried >= 2 and mails.logins
    assert row.split()[0] in mail["message-id"], "the same message, under the same id"
    answer = server.cognito().initiate_auth(
        ClientId=server.public,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": address, "PASSWORD": password},
    )
    assert answer["ChallengeName"] == "NEW_PASSWORD_REQUIRED"
    poll("the outbox is empty", lambda: address not in delivering.outbox().stdout)
    assert server.stop() == 0
    assert password not in server.output() and address not in server.output()
    assert len([mail for mail in mails.mails if mail["to"] == address]) == 1


def test_a_mail_that_is_refused_is_given_up_and_sent_on_demand(delivering):
    mails = MailServer(failures=["550 no such mailbox"] * 3)
    server = delivering.start(smtp(mails.port))
    delivering.invite()
    poll("it is given up", lambda: "a message was given up" in server.output())
    row = next(row for row in delivering.outbox().stdout.splitlines() if "given up at" in row)
    assert "the mail server answered 550" in row
    assert mails.mails == []
    unknown = delivering.outbox("retry", "no-such-message")
    assert unknown.returncode == 1 and "no-such-message" in unknown.stderr
    mails.failures.clear()
    again = delivering.outbox("retry", row.split()[0])
    assert again.returncode == 0, again.stderr
    poll("the mail", lambda: only(mails.mails))
    assert server.stop() == 0, server.output()


def test_starttls_needs_a_certificate_that_is_trusted(delivering):
    certificate = make_certificate(delivering.folder)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    mails = MailServer(tls=tls)
    sending = smtp(mails.port, tls="starttls", username="user", password_file="hook.secret")
    server = delivering.start(sending)
    delivering.invite()
    poll("it is not believed", lambda: "will be tried again" in server.output())
    assert "UnknownIssuer" in server.output() or "certificate" in server.output()
    assert mails.logins == [] and mails.mails == []
    server.kill()
    delivering.start(sending, SSL_CERT_FILE=str(certificate))
    poll("the mail", lambda: only(mails.mails), 60)
    assert mails.logins


def make_certificate(folder):
    """A file with a key and a certificate for 127.0.0.1, which it signs itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "test")])
    now = datetime.datetime.now(datetime.UTC)
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = serialization.PrivateFormat.PKCS8
    path = folder / "mail.pem"
    path.write_bytes(
        key.private_bytes(pem, private, serialization.NoEncryption())
        + certificate.public_bytes(pem)
    )
    return path


# --- hooks ---------------------------------------------------------------------------------------


def test_hooks_are_called_with_a_signature_until_they_take_the_message(delivering):
    mail, sms = HookServer(failures=[503]), HookServer()
    server = delivering.start(hook("mail", mail.url) + hook("sms", sms.url))
    address = delivering.invite()
    delivering.invite(phone_number="+15555550123")

    text = verified(*poll("the text message", lambda: only(sms.calls)), SECRET)
    assert text["channel"] == "sms" and text["to"] == "+15555550123"
    calls = poll("the mail, again", lambda: mail.calls if len(mail.calls) > 1 else None, 60)
    first, second = (verified(*call, SECRET) for call in calls)
    assert first == second
    assert first["channel"] == "email" and first["to"] == address
    assert first["purpose"] == "invitation" and first["pool_id"] == server.dev["pool_id"]
    assert first["code"] in first["body"] and first["created_at"].endswith("Z")
    poll("the outbox is empty", lambda: first["id"] not in delivering.outbox().stdout)
    assert server.stop() == 0
    assert first["code"] not in server.output() and SECRET not in server.output()


def test_without_a_sender_messages_wait_and_the_start_says_so(delivering):
    server = delivering.start(hook("sms", "http://127.0.0.1:9/"))
    assert re.search(r"WARN.*no sender is configured.*email", server.output())
    assert not re.search(r"no sender is configured.*sms", server.output())
    delivering.invite()
    poll("it waits", lambda: "no sender is configured for email" in delivering.outbox().stdout)
    assert server.stop() == 0, server.output()
