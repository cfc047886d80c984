"""The server that most tests share."""

import os

# Before any client reads them: no proxy between the tests and the server, no account of the person
# who runs them.
for name in [name for name in os.environ if name.upper().startswith(("AWS_", "POOLKEEPER_"))]:
    if name != "POOLKEEPER_BIN":
        del os.environ[name]
os.environ |= {
    "NO_PROXY": "127.0.0.1",
    "no_proxy": "127.0.0.1",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
}

import pytest

from support import Server


def pytest_addoption(parser):
    parser.addoption("--write-docs", action="store_true", help="write docs/operations.md")


def pytest_collection_modifyitems(items):
    """What looks back at all clients comes last."""
    items.sort(key=lambda item: item.path.name == "test_operations.py")


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """One `poolkeeper dev` for all tests that do not stop it."""
    server = Server.start(tmp_path_factory.mktemp("shared") / "data")
    yield server
    assert server.stop() == 0, server.output()


@pytest.fixture(scope="session")
def admin(server):
    """boto3 with the demo's access key. Signs what needs a signature, and nothing else."""
    return server.cognito()


@pytest.fixture
def start(tmp_path):
    """Starts servers that end with the test."""
    servers = []

    def start(data="data", port=None, *options, **environment):
        servers.append(Server.start(tmp_path / data, port, *options, **environment))
        return servers[-1]

    yield start
    for server in servers:
        server.kill()


@pytest.fixture(scope="session")
def pool(admin):
    """A brand-new pool, made as a stranger would make it."""
    return Pool(admin)


class Pool:
    """A user pool with an app client of each kind."""

    def __init__(self, admin):
        self.created = admin.create_user_pool(PoolName="clients", UsernameAttributes=["email"])
        self.id = self.created["UserPool"]["Id"]
        # Hides which users exist; the other two tell.
        self.public = self._client(admin, "public", PreventUserExistenceErrors="ENABLED")
        self.telling = self._client(admin, "telling", PreventUserExistenceErrors="LEGACY")
        self.confidential, self.secret = self._client(
            admin,
            "confidential",
            GenerateSecret=True,
            flows=["ADMIN_USER_PASSWORD_AUTH", "USER_PASSWORD_AUTH", "REFRESH_TOKEN_AUTH"],
        )
        # May not use a password at all.
        self.refreshing = self._client(admin, "refreshing", flows=["REFRESH_TOKEN_AUTH"])

    def _client(self, admin, name, flows=("USER_PASSWORD_AUTH", "REFRESH_TOKEN_AUTH"), **settings):
        answer = admin.create_user_pool_client(
            UserPoolId=self.id,
            ClientName=name,
            ExplicitAuthFlows=[f"ALLOW_{flow}" for flow in flows],
            **settings,
        )["UserPoolClient"]
        if "ClientSecret" in answer:
            return answer["ClientId"], answer["ClientSecret"]
        return answer["ClientId"]


@pytest.fixture(scope="session")
def account_pool(admin):
    """A pool that people sign up to by themselves."""
    return AccountPool(admin)


class AccountPool:
    """Addresses are verified, and names to sign in by from then on."""

    def __init__(self, admin):
        self.id = admin.create_user_pool(
            PoolName="accounts",
            AliasAttributes=["email"],
            AutoVerifiedAttributes=["email"],
            Policies={"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "EMAIL_OTP"]}},
        )["UserPool"]["Id"]
        self.public = admin.create_user_pool_client(
            UserPoolId=self.id,
            ClientName="app",
            ExplicitAuthFlows=[
                "ALLOW_USER_PASSWORD_AUTH",
                "ALLOW_USER_SRP_AUTH",
                "ALLOW_USER_AUTH",
                "ALLOW_REFRESH_TOKEN_AUTH",
            ],
        )["UserPoolClient"]["ClientId"]
