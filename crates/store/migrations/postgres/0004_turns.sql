-- Limits that count over all nodes: when a key has its whole allowance again, in microseconds.

CREATE TABLE turns (
    turn_key TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    whole_at BIGINT NOT NULL
);
CREATE INDEX turns_by_time ON turns (whole_at);
