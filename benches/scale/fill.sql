-- Adds users to a pool as the program makes them, in the shape that it gives their rows: a confirmed
-- person with six attributes, whose verified address is an alias, in two groups, with two sign-ins.
-- Their password is a copy of the first user's, so none of them can sign in but the first.
--
--   psql -v pool=us-east-1_Example -v first=1 -v last=1000000 -f benches/scale/fill.sql DATABASE
--
-- The pool has one user at least, with a password, and one app client. What is measured with it is in
-- docs/scale.md.

CREATE TEMPORARY TABLE made AS
    SELECT number, gen_random_uuid()::text AS sub, 'Given' || number % 1000 AS given,
        'Family' || number % 20011 AS family
    FROM generate_series(:first::bigint, :last::bigint) AS number;

INSERT INTO users (pool_id, sub, username, username_key, user_status, status, kind, password,
        password_set_at, attributes, mfa, signed_out_at, created_at, modified_at, version)
    SELECT pool_id, m.sub, m.sub, m.sub, 'CONFIRMED', 'Enabled', 'person', password, password_set_at,
        json_build_object('email', 'person' || number || '@example.com', 'email_verified', 'true',
            'phone_number', '+4915' || 100000000 + number, 'given_name', given,
            'family_name', family, 'name', given || ' ' || family),
        mfa, signed_out_at, created_at, modified_at, version
    FROM made m,
        (SELECT * FROM users WHERE pool_id = :'pool' ORDER BY created_at LIMIT 1) original;

INSERT INTO user_aliases (pool_id, alias_key, sub)
    SELECT :'pool', 'email:person' || number || '@example.com', sub FROM made;

INSERT INTO user_search (pool_id, sub, field, value)
    SELECT :'pool', sub, field, value FROM made, LATERAL (VALUES
        ('email', 'person' || number || '@example.com'),
        ('phone_number', '+4915' || 100000000 + number), ('name', lower(given || ' ' || family)),
        ('given_name', lower(given)), ('family_name', lower(family))) AS searchable (field, value);

INSERT INTO memberships (pool_id, sub, group_name)
    SELECT :'pool', sub, group_name FROM made, LATERAL (VALUES
        ('everyone'), ('partner-id-' || number % 1000)) AS groups (group_name);

INSERT INTO groups (pool_id, group_name, created_at, modified_at)
    SELECT DISTINCT pool_id, group_name, 0, 0 FROM memberships WHERE pool_id = :'pool'
    ON CONFLICT DO NOTHING;

-- They end within the next thirty days, one as likely as the other.
INSERT INTO sessions (pool_id, session_id, sub, client_id, auth_time, expires_at, rotation, address)
    SELECT pool_id, gen_random_uuid()::text, sub, client_id, ends - 2592000000, ends, 0, '192.0.2.123'
    FROM (SELECT sub, (extract(epoch FROM now()) * 1000 + random() * 2592000000)::bigint AS ends
            FROM made, generate_series(1, 2)) AS ending,
        (SELECT pool_id, client_id FROM app_clients WHERE pool_id = :'pool' LIMIT 1) AS client
    ORDER BY ends;
