"""moto in Amazon's place, for the tests of the sign-in APIs: `serve_moto.py PORT`.

It is moto as it comes, but for four things. Its clock stands where the tests' stands at their start, so
that codes of authenticator apps and tokens are good for the same time on both sides, however long a test
takes. Codes of apps are checked, which moto does only if it is asked to. A user's groups come by name, and
not by chance. And the key that all its pools have is read once and not for each pool, which is most of what
a pool costs."""

import os
import sys
from datetime import datetime, timezone
from types import SimpleNamespace

os.environ["MOTO_COGNITO_IDP_USER_POOL_ENABLE_TOTP"] = "true"

from moto import server
from moto.cognitoidp import models, utils

# The tests' clock: tests/it/support/clock.rs.
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc)

models.time = utils.time = SimpleNamespace(time=NOW.timestamp)
models.utcnow = lambda: NOW.replace(tzinfo=None)



class ByName(set):
    def __iter__(self):
        return iter(sorted(super().__iter__(), key=lambda item: getattr(item, "group_name", "")))


models.set = ByName

key = models.jwk.RSAKey.import_key(models.load_resource("cognitoidp/resources/jwks-private.json"))
models.jwk = SimpleNamespace(RSAKey=SimpleNamespace(import_key=lambda _: key))

server.main(["-H", "127.0.0.1", "-p", sys.argv[1]])
