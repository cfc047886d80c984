-- Signing keys follow one another. Without a beginning, a key signs from when it was made; without an
-- end, no other one is there to follow it.

ALTER TABLE signing_keys ADD COLUMN signs_from BIGINT;
ALTER TABLE signing_keys ADD COLUMN expires_at BIGINT;
CREATE INDEX signing_keys_by_expiry ON signing_keys (expires_at);
