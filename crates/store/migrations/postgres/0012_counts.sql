-- How many users there are in a pool and in a group, by the first two characters of their sub: a count
-- is a sum of few rows, a place in the order of subs is found by it, and two commits seldom count in
-- the same row. Triggers keep them, so that every release counts that writes here.

CREATE TABLE user_counts (
    pool_id TEXT COLLATE "C" NOT NULL,
    part TEXT COLLATE "C" NOT NULL,
    users BIGINT NOT NULL,
    PRIMARY KEY (pool_id, part)
);

CREATE TABLE member_counts (
    pool_id TEXT COLLATE "C" NOT NULL,
    group_name TEXT COLLATE "C" NOT NULL,
    part TEXT COLLATE "C" NOT NULL,
    members BIGINT NOT NULL,
    PRIMARY KEY (pool_id, group_name, part)
);

-- In the words of this database alone:

-- A statement counts all its rows at once. Rows are counted in their order, or two transactions might
-- hold what the other one wants.
CREATE FUNCTION count_users() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO user_counts (pool_id, part, users)
        SELECT pool_id, substr(sub, 1, 2), CASE TG_OP WHEN 'INSERT' THEN COUNT(*) ELSE -COUNT(*) END
        FROM changed GROUP BY 1, 2 ORDER BY 1, 2
        ON CONFLICT (pool_id, part) DO UPDATE SET users = user_counts.users + excluded.users;
    RETURN NULL;
END
$$;
CREATE FUNCTION count_members() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO member_counts (pool_id, group_name, part, members)
        SELECT pool_id, group_name, substr(sub, 1, 2),
            CASE TG_OP WHEN 'INSERT' THEN COUNT(*) ELSE -COUNT(*) END
        FROM changed GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
        ON CONFLICT (pool_id, group_name, part)
        DO UPDATE SET members = member_counts.members + excluded.members;
    RETURN NULL;
END
$$;

-- `poolkeeper copy` brings the counts along.
CREATE TRIGGER count_user AFTER INSERT ON users REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT WHEN (current_setting('poolkeeper.copies', true) IS DISTINCT FROM 'on')
    EXECUTE FUNCTION count_users();
CREATE TRIGGER discount_user AFTER DELETE ON users REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION count_users();
CREATE TRIGGER count_member AFTER INSERT ON memberships REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT WHEN (current_setting('poolkeeper.copies', true) IS DISTINCT FROM 'on')
    EXECUTE FUNCTION count_members();
CREATE TRIGGER discount_member AFTER DELETE ON memberships REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION count_members();

-- Making a trigger has locked its table against all that write, until this is committed.
INSERT INTO user_counts (pool_id, part, users)
    SELECT pool_id, substr(sub, 1, 2), COUNT(*) FROM users GROUP BY 1, 2;
INSERT INTO member_counts (pool_id, group_name, part, members)
    SELECT pool_id, group_name, substr(sub, 1, 2), COUNT(*) FROM memberships GROUP BY 1, 2, 3;
