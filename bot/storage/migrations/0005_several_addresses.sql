-- One person at several addresses, channels without buttons, plans with a quota. Instants are epoch milliseconds.

-- Where unasked messages go first; another address only while this one cannot be reached.
ALTER TABLE member ADD COLUMN preferred_address_id INTEGER;

-- On a channel without buttons a two-digit code stands for a standing button of one address.
CREATE TABLE typed_code (
  address_id INTEGER NOT NULL REFERENCES address (id) ON DELETE CASCADE,
  code SMALLINT NOT NULL,
  data TEXT NOT NULL,
  label TEXT NOT NULL,
  given_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  PRIMARY KEY (address_id, code)
);
CREATE INDEX typed_code_expires ON typed_code (expires_at);

-- A six-digit code that a member reads on one side and types on the other. `purpose` is link or move; `address_id` is where
-- it was shown. Only a keyed hash of it is kept.
CREATE TABLE link_code (
  hash BLOB PRIMARY KEY,
  member_id INTEGER NOT NULL REFERENCES member (id) ON DELETE CASCADE,
  address_id INTEGER NOT NULL REFERENCES address (id) ON DELETE CASCADE,
  purpose TEXT NOT NULL CHECK (purpose IN ('link', 'move')),
  tries SMALLINT NOT NULL DEFAULT 0,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE INDEX link_code_member ON link_code (member_id);

-- What an account with a quota used in a civil month ('2025-05'), counted both ways.
CREATE TABLE quota_use (
  account_id INTEGER NOT NULL REFERENCES account (id),
  month TEXT NOT NULL,
  sent INTEGER NOT NULL DEFAULT 0,
  received INTEGER NOT NULL DEFAULT 0,
  warned SMALLINT NOT NULL DEFAULT 0,
  PRIMARY KEY (account_id, month)
);

-- Newcomers beyond an account's number of users who asked to be told; `told_at` is when there was room for them.
CREATE TABLE waiting (
  address_id INTEGER PRIMARY KEY REFERENCES address (id) ON DELETE CASCADE,
  since BIGINT NOT NULL,
  told_at BIGINT
);

-- *Đã gửi nhóm*: what officers declared they put into their unit's group. `what` is announcement, card or milestone.
CREATE TABLE group_post (
  what TEXT NOT NULL,
  ref TEXT NOT NULL,
  unit_id INTEGER NOT NULL REFERENCES unit (id) ON DELETE CASCADE,
  declared_by INTEGER REFERENCES member (id) ON DELETE SET NULL,
  declared_at BIGINT NOT NULL,
  PRIMARY KEY (what, ref, unit_id)
);
CREATE INDEX group_post_declared ON group_post (declared_by);
