-- What is gone for callers, while what hung on it is being removed in portions: a pool, an app client or
-- a group, by name. A name is taken again only when nothing is left of the former one.

CREATE TABLE removals (
    pool_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    progress TEXT NOT NULL,
    PRIMARY KEY (pool_id, kind, name)
) STRICT, WITHOUT ROWID;
