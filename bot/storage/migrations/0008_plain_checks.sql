-- A list of more than two words in a CHECK makes SQLite fill a table of them for every row that is written: for the two
-- tables of every message that was a sixth of a turn. The same words, compared one by one.

CREATE TABLE inbox_next (
  id INTEGER PRIMARY KEY,
  account_id INTEGER NOT NULL REFERENCES account (id),
  update_hash BLOB NOT NULL,
  received_at BIGINT NOT NULL,
  state TEXT NOT NULL DEFAULT 'pending' CHECK (state = 'pending' OR state = 'done' OR state = 'failed'),
  payload TEXT,
  UNIQUE (account_id, update_hash)
);
INSERT INTO inbox_next (id, account_id, update_hash, received_at, state, payload)
  SELECT id, account_id, update_hash, received_at, state, payload FROM inbox;
DROP TABLE inbox;
ALTER TABLE inbox_next RENAME TO inbox;
CREATE INDEX inbox_pending ON inbox (id) WHERE state = 'pending';
CREATE INDEX inbox_age ON inbox (received_at);

CREATE TABLE outbox_next (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id INTEGER NOT NULL REFERENCES account (id),
  address_id INTEGER NOT NULL REFERENCES address (id),
  lane SMALLINT NOT NULL,
  operation TEXT NOT NULL DEFAULT 'send',
  target_id INTEGER,
  replace_key TEXT,
  origin TEXT NOT NULL DEFAULT '',
  body TEXT,
  state TEXT NOT NULL DEFAULT 'pending' CHECK (state = 'pending' OR state = 'sending' OR state = 'sent'
    OR state = 'failed' OR state = 'unreachable' OR state = 'uncertain' OR state = 'cancelled' OR state = 'expired'),
  not_before BIGINT NOT NULL DEFAULT 0,
  valid_until BIGINT,
  held_until BIGINT NOT NULL DEFAULT 0,
  retry_since BIGINT,
  attempts INTEGER NOT NULL DEFAULT 0,
  external_id TEXT,
  detail TEXT NOT NULL DEFAULT '',
  created_at BIGINT NOT NULL,
  finished_at BIGINT
);
INSERT INTO outbox_next (id, account_id, address_id, lane, operation, target_id, replace_key, origin, body, state,
  not_before, valid_until, held_until, retry_since, attempts, external_id, detail, created_at, finished_at)
  SELECT id, account_id, address_id, lane, operation, target_id, replace_key, origin, body, state,
  not_before, valid_until, held_until, retry_since, attempts, external_id, detail, created_at, finished_at FROM outbox;
-- Numbers that were given go to no other row, also where the last rows are gone.
DELETE FROM sqlite_sequence WHERE name = 'outbox_next';
UPDATE sqlite_sequence SET name = 'outbox_next' WHERE name = 'outbox';
DROP TABLE outbox;
ALTER TABLE outbox_next RENAME TO outbox;
CREATE INDEX outbox_ready ON outbox (account_id, lane, id) WHERE state = 'pending';
CREATE INDEX outbox_due ON outbox (account_id, not_before) WHERE state = 'pending' AND not_before > 0;
CREATE INDEX outbox_held ON outbox (account_id, held_until) WHERE state = 'pending' AND held_until > 0;
CREATE INDEX outbox_order ON outbox (address_id, lane, id) WHERE state IN ('pending', 'sending');
CREATE INDEX outbox_origin ON outbox (origin, state) WHERE origin <> '';
CREATE INDEX outbox_address ON outbox (address_id, id);
CREATE INDEX outbox_age ON outbox (finished_at) WHERE finished_at IS NOT NULL;
