-- A role's number is never given again: what an administrator chose from a list must not mean a role of somebody else.
CREATE TABLE role_next (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  member_id INTEGER NOT NULL REFERENCES member (id),
  unit_id INTEGER NOT NULL REFERENCES unit_number (id),
  kind TEXT NOT NULL CHECK (kind = 'officer' OR kind = 'reviewer' OR kind = 'staff' OR kind = 'admin'),
  title TEXT NOT NULL DEFAULT '',
  phone TEXT NOT NULL DEFAULT '',
  phone_shown SMALLINT NOT NULL DEFAULT 0,
  granted_by INTEGER,
  granted_at BIGINT NOT NULL,
  valid_until BIGINT,
  deputy_of INTEGER REFERENCES role_next (id) ON DELETE CASCADE,
  warned SMALLINT NOT NULL DEFAULT 0,
  UNIQUE (member_id, unit_id, kind)
);
INSERT INTO role_next (id, member_id, unit_id, kind, title, phone, phone_shown, granted_by, granted_at, valid_until,
  deputy_of, warned) SELECT id, member_id, unit_id, kind, title, phone, phone_shown, granted_by, granted_at, valid_until,
  deputy_of, warned FROM role;

-- What hangs on a role moves over first: with the old table its rows would go.
CREATE TABLE role_offer_next (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  what TEXT NOT NULL CHECK (what = 'deputy' OR what = 'handover' OR what = 'role'),
  member_id INTEGER NOT NULL REFERENCES member (id) ON DELETE CASCADE,
  by_id INTEGER NOT NULL REFERENCES member (id) ON DELETE CASCADE,
  holder_id INTEGER REFERENCES member (id) ON DELETE CASCADE,
  role_id INTEGER REFERENCES role_next (id) ON DELETE CASCADE,
  unit_id INTEGER REFERENCES unit_number (id),
  kind TEXT NOT NULL DEFAULT '',
  title TEXT NOT NULL DEFAULT '',
  until TEXT NOT NULL DEFAULT '',
  state TEXT NOT NULL DEFAULT 'open' CHECK (state = 'open' OR state = 'taken' OR state = 'refused' OR state = 'over'),
  expires_at BIGINT NOT NULL
);
INSERT INTO role_offer_next (id, what, member_id, by_id, holder_id, role_id, unit_id, kind, title, until, state,
  expires_at) SELECT id, what, member_id, by_id, holder_id, role_id, unit_id, kind, title, until, state, expires_at
  FROM role_offer;
DELETE FROM sqlite_sequence WHERE name = 'role_offer_next';
UPDATE sqlite_sequence SET name = 'role_offer_next' WHERE name = 'role_offer';
DROP TABLE role_offer;

DROP TABLE role;
ALTER TABLE role_next RENAME TO role;
ALTER TABLE role_offer_next RENAME TO role_offer;
CREATE INDEX role_unit ON role (unit_id, kind);
CREATE INDEX role_deputy ON role (deputy_of) WHERE deputy_of IS NOT NULL;
CREATE INDEX role_until ON role (valid_until) WHERE valid_until IS NOT NULL;
CREATE INDEX role_offer_open ON role_offer (expires_at) WHERE state = 'open';
CREATE INDEX role_offer_member ON role_offer (member_id);
CREATE INDEX role_offer_by ON role_offer (by_id);
CREATE INDEX role_offer_holder ON role_offer (holder_id);
CREATE INDEX role_offer_role ON role_offer (role_id);
