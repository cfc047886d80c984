-- Which master keys seal this database. None is in here: `digest_key` is a random key that digests
-- are made with, sealed under the master key, so that only the right one opens it.

CREATE TABLE master_keys (
    generation BIGINT NOT NULL PRIMARY KEY,
    state TEXT COLLATE "C" NOT NULL,
    digest_key BYTEA NOT NULL,
    since BIGINT NOT NULL,
    missed BIGINT NOT NULL
);
