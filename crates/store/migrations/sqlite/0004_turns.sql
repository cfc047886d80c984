-- Limits that count over all nodes: when a key has its whole allowance again, in microseconds.

CREATE TABLE turns (
    turn_key TEXT NOT NULL PRIMARY KEY,
    whole_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX turns_by_time ON turns (whole_at);
