"""ministack in Amazon's place, for the tests of the sign-in APIs: `serve_ministack.py PORT`.

It is ministack as it comes, with AUTH on: it checks signatures, policies, secret hashes, codes and tokens.
But its clock stands where the tests' stands at their start, so that signatures, codes and tokens are good
on both sides, however long a test takes. Its pools take turns with a few keys, because making keys is most
of what a pool costs. Groups in tokens come by name, and not in the order in which they were joined. And its
account has a user whose access key the sign-in APIs use, who may do what the policy of
docs/amazon-cognito.md allows and nothing else. The tests' own calls are signed with the key of the
account."""

import datetime
import itertools
import json
import os
import re
import sys
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace

# The tests' clock: tests/it/support/clock.rs. Nothing here measures how long something takes by it.
NOW = datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.timezone.utc)

# The keys of tests/it/support/demo.rs and imitation.rs.
ROOT = ("PKROOT", "abcdefghijklmnopqrstuvwxyz0123456789ABCD")
SERVER = ("PKTEST", "0123456789abcdefghijklmnopqrstuvwxyzABCD")

PAGE = Path(__file__).parents[3] / "docs" / "amazon-cognito.md"


class Standing(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return NOW.astimezone(tz) if tz else NOW.replace(tzinfo=None)

    @classmethod
    def utcnow(cls):
        return NOW.replace(tzinfo=None)


def documented_policy():
    """The policy of the page, for any pool."""
    policy = json.loads(re.search(r"```json\n(\{.*?\n\})\n```", PAGE.read_text(), re.DOTALL)[1])
    policy["Statement"][0]["Resource"] = "arn:aws:cognito-idp:*:*:userpool/*"
    return json.dumps(policy)


def share_keys(cognito):
    make = cognito.rsa.generate_private_key
    keys = itertools.cycle([make(public_exponent=65537, key_size=2048) for _ in range(12)])
    cognito.rsa = SimpleNamespace(generate_private_key=lambda **_: next(keys))


def sort_groups(cognito):
    build = cognito._build_auth_result

    def sorted_groups(pool_id, client_id, user, *arguments, **named):
        user["_groups"] = sorted(user.get("_groups", []))
        return build(pool_id, client_id, user, *arguments, **named)

    cognito._build_auth_result = sorted_groups


def make_user():
    """The user of the sign-in APIs, as the account's owner makes it; only the key is given."""
    from ministack.services import iam

    iam._create_user({"UserName": "poolkeeper"})
    iam._put_user_policy({
        "UserName": "poolkeeper", "PolicyName": "documented", "PolicyDocument": documented_policy(),
    })
    iam._create_access_key({"UserName": "poolkeeper"})
    (made,) = list(iam._access_keys)
    record = iam._access_keys.pop(made)
    record.update(AccessKeyId=SERVER[0], SecretAccessKey=SERVER[1])
    iam._access_keys[SERVER[0]] = record


def main():
    state = tempfile.mkdtemp(prefix="ministack-")
    os.environ.update(
        AUTH="true", GATEWAY_PORT=sys.argv[1], BIND_HOST="127.0.0.1", LOG_LEVEL="WARNING", SERVICES="cognito-idp,iam,ses", IOT_MTLS_ENABLED="0", SFTP_ENABLED="0",
        STATE_DIR=state, AWS_ACCESS_KEY_ID=ROOT[0], AWS_SECRET_ACCESS_KEY=ROOT[1],
    )
    datetime.datetime = Standing
    time.time = NOW.timestamp

    from ministack import app
    from ministack.services import cognito

    make_user()
    share_keys(cognito)
    sort_groups(cognito)
    sys.argv[1:] = []
    app.main()


main()
