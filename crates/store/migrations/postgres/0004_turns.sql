-- Limits that count over all nodes: when a key has its whole allowance again, in microseconds. The
-- row is of no use after expires_at, a whole minute: a row that is counted on often must not change
-- its place in the index each time, or PostgreSQL leaves behind what only VACUUM takes away.

CREATE TABLE turns (
    turn_key TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    whole_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX turns_by_expiry ON turns (expires_at);
