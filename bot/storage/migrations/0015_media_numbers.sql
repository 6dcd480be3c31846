-- A file's id is never used twice: signed addresses of files hold it and a name that many share.
CREATE TABLE media_next (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  member_id INTEGER,
  kind TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state = 'wanted' OR state = 'stored' OR state = 'gone' OR state = 'too_big'),
  account_id INTEGER REFERENCES account (id),
  source_ref TEXT NOT NULL DEFAULT '',
  path TEXT NOT NULL DEFAULT '',
  name TEXT NOT NULL DEFAULT '',
  size INTEGER,
  attempts INTEGER NOT NULL DEFAULT 0,
  created_at BIGINT NOT NULL,
  expires_at BIGINT
);
INSERT INTO media_next (id, member_id, kind, state, account_id, source_ref, path, name, size, attempts, created_at,
  expires_at) SELECT id, member_id, kind, state, account_id, source_ref, path, name, size, attempts, created_at,
  expires_at FROM media;

-- What hangs on a file moves over first: with the old table its rows would go.
CREATE TABLE media_ref_next (
  media_id INTEGER NOT NULL REFERENCES media_next (id) ON DELETE CASCADE,
  account_id INTEGER NOT NULL REFERENCES account (id),
  ref TEXT NOT NULL,
  PRIMARY KEY (media_id, account_id)
);
INSERT INTO media_ref_next (media_id, account_id, ref) SELECT media_id, account_id, ref FROM media_ref;
DROP TABLE media_ref;
CREATE TABLE nomination_media_next (
  nomination_id INTEGER NOT NULL REFERENCES nomination (id) ON DELETE CASCADE,
  media_id INTEGER NOT NULL REFERENCES media_next (id) ON DELETE CASCADE,
  PRIMARY KEY (nomination_id, media_id)
);
INSERT INTO nomination_media_next (nomination_id, media_id) SELECT nomination_id, media_id FROM nomination_media;
DROP TABLE nomination_media;
CREATE TABLE announcement_media_next (
  announcement_id INTEGER NOT NULL REFERENCES announcement (id) ON DELETE CASCADE,
  position SMALLINT NOT NULL,
  media_id INTEGER NOT NULL REFERENCES media_next (id),
  PRIMARY KEY (announcement_id, position)
);
INSERT INTO announcement_media_next (announcement_id, position, media_id)
  SELECT announcement_id, position, media_id FROM announcement_media;
DROP TABLE announcement_media;

DROP TABLE media;
ALTER TABLE media_next RENAME TO media;
ALTER TABLE media_ref_next RENAME TO media_ref;
ALTER TABLE nomination_media_next RENAME TO nomination_media;
ALTER TABLE announcement_media_next RENAME TO announcement_media;
CREATE INDEX media_wanted ON media (id) WHERE state = 'wanted';
CREATE INDEX media_member ON media (member_id);
CREATE INDEX nomination_media_file ON nomination_media (media_id);
CREATE INDEX announcement_media_file ON announcement_media (media_id);
