-- What a unit is, in versions of the tree: a whole tree is written beside the one that is shown, slice by slice, and one
-- number decides which of them everybody sees. `unit_number` only gives each code its number: refer to that table; read
-- the view `unit`, which has the tree that is shown. `until` is the first version in which a row does not hold any more.

CREATE TABLE tree_version (shown INTEGER NOT NULL);
INSERT INTO tree_version (shown) VALUES (0);

CREATE TABLE unit_version (
  id INTEGER NOT NULL REFERENCES unit (id),
  since INTEGER NOT NULL,
  until INTEGER,
  code TEXT NOT NULL,
  parent_id INTEGER REFERENCES unit (id),
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  valid_from TEXT,
  valid_until TEXT,
  short_name TEXT NOT NULL DEFAULT '',
  position INTEGER,
  successor_id INTEGER REFERENCES unit (id),
  PRIMARY KEY (id, since)
);
INSERT INTO unit_version (id, since, code, parent_id, kind, name, valid_from, valid_until, short_name, position,
  successor_id) SELECT id, 0, code, parent_id, kind, name, valid_from, valid_until, short_name, position, successor_id
  FROM unit;
CREATE INDEX unit_version_parent ON unit_version (parent_id);
CREATE INDEX unit_version_code ON unit_version (code);

DROP INDEX unit_parent;
ALTER TABLE unit RENAME TO unit_number;
ALTER TABLE unit_number DROP COLUMN parent_id;
ALTER TABLE unit_number DROP COLUMN kind;
ALTER TABLE unit_number DROP COLUMN name;
ALTER TABLE unit_number DROP COLUMN valid_from;
ALTER TABLE unit_number DROP COLUMN valid_until;
ALTER TABLE unit_number DROP COLUMN short_name;
ALTER TABLE unit_number DROP COLUMN position;
ALTER TABLE unit_number DROP COLUMN successor_id;

CREATE VIEW unit AS
  SELECT id, code, parent_id, kind, name, valid_from, valid_until, short_name, position, successor_id FROM unit_version
  WHERE since <= (SELECT shown FROM tree_version) AND (until IS NULL OR until > (SELECT shown FROM tree_version));

ALTER TABLE unit_former_name ADD COLUMN since INTEGER NOT NULL DEFAULT 0;

DROP TABLE unit_staged;
DROP TABLE unit_staged_name;
