-- How many users there are in a pool and in a group, by the first two characters of their sub: a count
-- is a sum of few rows, a place in the order of subs is found by it, and two commits seldom count in
-- the same row. Triggers keep them, so that every release counts that writes here.

CREATE TABLE user_counts (
    pool_id TEXT NOT NULL,
    part TEXT NOT NULL,
    users INTEGER NOT NULL,
    PRIMARY KEY (pool_id, part)
) STRICT, WITHOUT ROWID;

CREATE TABLE member_counts (
    pool_id TEXT NOT NULL,
    group_name TEXT NOT NULL,
    part TEXT NOT NULL,
    members INTEGER NOT NULL,
    PRIMARY KEY (pool_id, group_name, part)
) STRICT, WITHOUT ROWID;

-- In the words of this database alone:

CREATE TRIGGER count_user AFTER INSERT ON users BEGIN
    INSERT INTO user_counts (pool_id, part, users) VALUES (new.pool_id, substr(new.sub, 1, 2), 1)
        ON CONFLICT (pool_id, part) DO UPDATE SET users = users + 1;
END;
CREATE TRIGGER discount_user AFTER DELETE ON users BEGIN
    UPDATE user_counts SET users = users - 1
        WHERE pool_id = old.pool_id AND part = substr(old.sub, 1, 2);
END;
CREATE TRIGGER count_member AFTER INSERT ON memberships BEGIN
    INSERT INTO member_counts (pool_id, group_name, part, members)
        VALUES (new.pool_id, new.group_name, substr(new.sub, 1, 2), 1)
        ON CONFLICT (pool_id, group_name, part) DO UPDATE SET members = members + 1;
END;
CREATE TRIGGER discount_member AFTER DELETE ON memberships BEGIN
    UPDATE member_counts SET members = members - 1
        WHERE pool_id = old.pool_id AND group_name = old.group_name
        AND part = substr(old.sub, 1, 2);
END;

INSERT INTO user_counts (pool_id, part, users)
    SELECT pool_id, substr(sub, 1, 2), COUNT(*) FROM users GROUP BY 1, 2;
INSERT INTO member_counts (pool_id, group_name, part, members)
    SELECT pool_id, group_name, substr(sub, 1, 2), COUNT(*) FROM memberships GROUP BY 1, 2, 3;
