-- Files of the union tree sent in chat: waiting to be checked, checked and asked about, agreed to, over. `sha256` and
-- `tree` are the content and the tree's revision that were checked. What was agreed to is staged, then switched to at once.

CREATE TABLE unit_file (
  id INTEGER PRIMARY KEY,
  member_id INTEGER NOT NULL REFERENCES member (id) ON DELETE CASCADE,
  address_id INTEGER NOT NULL REFERENCES address (id) ON DELETE CASCADE,
  media_id INTEGER NOT NULL REFERENCES media (id) ON DELETE CASCADE,
  state TEXT NOT NULL DEFAULT 'wanted' CHECK (state IN ('wanted', 'checked', 'agreed', 'over')),
  sha256 TEXT NOT NULL DEFAULT '',
  tree INTEGER NOT NULL DEFAULT 0,
  patience SMALLINT NOT NULL DEFAULT 0,
  created_at BIGINT NOT NULL
);
CREATE INDEX unit_file_member ON unit_file (member_id);
CREATE INDEX unit_file_address ON unit_file (address_id);
CREATE INDEX unit_file_media ON unit_file (media_id);
CREATE INDEX unit_file_open ON unit_file (state) WHERE state <> 'over';

CREATE TABLE unit_staged (
  file_id INTEGER NOT NULL,
  code TEXT NOT NULL,
  depth INTEGER NOT NULL,
  parent TEXT NOT NULL,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  valid_from TEXT,
  valid_until TEXT,
  short_name TEXT NOT NULL,
  position INTEGER,
  PRIMARY KEY (file_id, code)
);

CREATE TABLE unit_staged_name (
  file_id INTEGER NOT NULL,
  code TEXT NOT NULL,
  name TEXT NOT NULL,
  PRIMARY KEY (file_id, code, name)
);
