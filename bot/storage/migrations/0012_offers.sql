-- Deputies end with the role they stand for; `warned` counts how often its holder was told that the term ends.
ALTER TABLE role ADD COLUMN deputy_of INTEGER REFERENCES role (id) ON DELETE CASCADE;
ALTER TABLE role ADD COLUMN warned SMALLINT NOT NULL DEFAULT 0;
CREATE INDEX role_deputy ON role (deputy_of) WHERE deputy_of IS NOT NULL;
CREATE INDEX role_until ON role (valid_until) WHERE valid_until IS NOT NULL;

-- What somebody is asked to take up: to stand in for the role `role_id` over `unit_id` until the ISO date `until`, or
-- everything that `holder_id` has (handover). Nobody gets a role without accepting.
CREATE TABLE role_offer (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  what TEXT NOT NULL CHECK (what = 'deputy' OR what = 'handover'),
  member_id INTEGER NOT NULL REFERENCES member (id) ON DELETE CASCADE,
  by_id INTEGER NOT NULL REFERENCES member (id) ON DELETE CASCADE,
  holder_id INTEGER REFERENCES member (id) ON DELETE CASCADE,
  role_id INTEGER REFERENCES role (id) ON DELETE CASCADE,
  unit_id INTEGER REFERENCES unit (id),
  until TEXT NOT NULL DEFAULT '',
  state TEXT NOT NULL DEFAULT 'open' CHECK (state = 'open' OR state = 'taken' OR state = 'refused' OR state = 'over'),
  expires_at BIGINT NOT NULL
);
CREATE INDEX role_offer_open ON role_offer (expires_at) WHERE state = 'open';
CREATE INDEX role_offer_member ON role_offer (member_id);
CREATE INDEX role_offer_by ON role_offer (by_id);
CREATE INDEX role_offer_holder ON role_offer (holder_id);
CREATE INDEX role_offer_role ON role_offer (role_id);
CREATE INDEX audit_unit ON audit (unit_id, id);
