-- Where users' credentials and names come from. Of users who were there before, nothing is known.

ALTER TABLE users ADD COLUMN provenance TEXT NOT NULL DEFAULT '{}';
