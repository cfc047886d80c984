-- What is gone for callers, while what hung on it is being removed in portions: a pool, an app client or
-- a group, by name. A name is taken again only when nothing is left of the former one.

CREATE TABLE removals (
    pool_id TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    progress TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (pool_id, kind, name)
);

-- In the words of this database alone:

-- Nodes of the release before know nothing of this table. To them, such a name is still taken.
CREATE FUNCTION refuse_name() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM removals WHERE pool_id = NEW.pool_id AND kind = TG_ARGV[0]
        AND name = COALESCE(to_jsonb(NEW) ->> TG_ARGV[1], '')) THEN
        RETURN NULL;
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER refuse_pool BEFORE INSERT ON user_pools
    FOR EACH ROW EXECUTE FUNCTION refuse_name('pool', '');
CREATE TRIGGER refuse_client BEFORE INSERT ON app_clients
    FOR EACH ROW EXECUTE FUNCTION refuse_name('client', 'client_id');
CREATE TRIGGER refuse_group BEFORE INSERT ON groups
    FOR EACH ROW EXECUTE FUNCTION refuse_name('group', 'group_name');
