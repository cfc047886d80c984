-- The same users as fill.sql makes, in an SQLite file that no server has open:
--
--   sqlite3 -cmd ".parameter init" -cmd ".parameter set :pool us-east-1_Example" \
--     -cmd ".parameter set :first 1" -cmd ".parameter set :last 1000000" \
--     poolkeeper.db <benches/scale/fill_sqlite.sql

BEGIN;
CREATE TEMPORARY TABLE made AS
    WITH RECURSIVE numbers (number) AS (
        SELECT :first UNION ALL SELECT number + 1 FROM numbers WHERE number < :last)
    SELECT number, lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4'
            || substr(hex(randomblob(2)), 2) || '-a' || substr(hex(randomblob(2)), 2) || '-'
            || hex(randomblob(6))) AS sub,
        'Given' || (number % 1000) AS given, 'Family' || (number % 20011) AS family
    FROM numbers;

INSERT INTO users (pool_id, sub, username, username_key, user_status, status, kind, password,
        password_set_at, attributes, mfa, signed_out_at, created_at, modified_at, version)
    SELECT pool_id, m.sub, m.sub, m.sub, 'CONFIRMED', 'Enabled', 'person', password, password_set_at,
        json_object('email', 'person' || number || '@example.com', 'email_verified', 'true',
            'phone_number', '+4915' || (100000000 + number), 'given_name', given,
            'family_name', family, 'name', given || ' ' || family),
        mfa, signed_out_at, created_at, modified_at, version
    FROM made m,
        (SELECT * FROM users WHERE pool_id = :pool ORDER BY created_at LIMIT 1) original;

INSERT INTO user_aliases (pool_id, alias_key, sub)
    SELECT :pool, 'email:person' || number || '@example.com', sub FROM made;

INSERT INTO user_search (pool_id, sub, field, value)
    SELECT :pool, sub, 'email', 'person' || number || '@example.com' FROM made UNION ALL
    SELECT :pool, sub, 'phone_number', '+4915' || (100000000 + number) FROM made UNION ALL
    SELECT :pool, sub, 'name', lower(given || ' ' || family) FROM made UNION ALL
    SELECT :pool, sub, 'given_name', lower(given) FROM made UNION ALL
    SELECT :pool, sub, 'family_name', lower(family) FROM made;

INSERT INTO memberships (pool_id, sub, group_name)
    SELECT :pool, sub, 'everyone' FROM made UNION ALL
    SELECT :pool, sub, 'partner-id-' || (number % 1000) FROM made;

INSERT INTO groups (pool_id, group_name, created_at, modified_at)
    SELECT DISTINCT pool_id, group_name, 0, 0 FROM memberships WHERE pool_id = :pool
    ON CONFLICT DO NOTHING;

-- They end within the next thirty days, one as likely as the other.
INSERT INTO sessions (pool_id, session_id, sub, client_id, auth_time, expires_at, rotation, address)
    SELECT pool_id, lower(hex(randomblob(16))), sub, client_id, ends - 2592000000, ends, 0,
        '192.0.2.123'
    FROM (SELECT sub, unixepoch() * 1000 + abs(random()) % 2592000000 AS ends
            FROM made, (SELECT 1 UNION ALL SELECT 2)) AS ending,
        (SELECT pool_id, client_id FROM app_clients WHERE pool_id = :pool LIMIT 1) AS client
    ORDER BY ends;
COMMIT;
