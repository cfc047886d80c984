-- Where users' credentials and names come from. Of users who were there before, nothing is known.

ALTER TABLE users ADD COLUMN provenance TEXT COLLATE "C" NOT NULL DEFAULT '{}';
