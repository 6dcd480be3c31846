-- Roles offered by a list: the role of `kind` over `unit_id` until the ISO date `until` ("" for no end), called `title`.
CREATE TABLE role_offer_next (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  what TEXT NOT NULL CHECK (what = 'deputy' OR what = 'handover' OR what = 'role'),
  member_id INTEGER NOT NULL REFERENCES member (id) ON DELETE CASCADE,
  by_id INTEGER NOT NULL REFERENCES member (id) ON DELETE CASCADE,
  holder_id INTEGER REFERENCES member (id) ON DELETE CASCADE,
  role_id INTEGER REFERENCES role (id) ON DELETE CASCADE,
  unit_id INTEGER REFERENCES unit (id),
  kind TEXT NOT NULL DEFAULT '',
  title TEXT NOT NULL DEFAULT '',
  until TEXT NOT NULL DEFAULT '',
  state TEXT NOT NULL DEFAULT 'open' CHECK (state = 'open' OR state = 'taken' OR state = 'refused' OR state = 'over'),
  expires_at BIGINT NOT NULL
);
INSERT INTO role_offer_next
  (id, what, member_id, by_id, holder_id, role_id, unit_id, until, state, expires_at)
  SELECT id, what, member_id, by_id, holder_id, role_id, unit_id, until, state, expires_at FROM role_offer;
DROP TABLE role_offer;
ALTER TABLE role_offer_next RENAME TO role_offer;
CREATE INDEX role_offer_open ON role_offer (expires_at) WHERE state = 'open';
CREATE INDEX role_offer_member ON role_offer (member_id);
CREATE INDEX role_offer_by ON role_offer (by_id);
CREATE INDEX role_offer_holder ON role_offer (holder_id);
CREATE INDEX role_offer_role ON role_offer (role_id);
