-- Which master keys seal this database. None is in here: `digest_key` is a random key that digests
-- are made with, sealed under the master key, so that only the right one opens it.

CREATE TABLE master_keys (
    generation INTEGER NOT NULL PRIMARY KEY,
    state TEXT NOT NULL,
    digest_key BLOB NOT NULL,
    since INTEGER NOT NULL,
    missed INTEGER NOT NULL
) STRICT;
