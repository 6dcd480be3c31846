-- The house: who is where, what came in, what is being talked about, what goes out. Instants are epoch milliseconds,
-- civil dates ISO text, booleans 0/1.

CREATE TABLE installation (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
);

CREATE TABLE account (
  id INTEGER PRIMARY KEY,
  channel TEXT NOT NULL,
  external_id TEXT NOT NULL,
  UNIQUE (channel, external_id)
);

CREATE TABLE unit (
  id INTEGER PRIMARY KEY,
  code TEXT NOT NULL UNIQUE,
  parent_id INTEGER REFERENCES unit (id),
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  valid_from TEXT,
  valid_until TEXT
);
CREATE INDEX unit_parent ON unit (parent_id);

CREATE TABLE member (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL DEFAULT '',
  form TEXT NOT NULL DEFAULT '',
  standing TEXT NOT NULL DEFAULT 'member' CHECK (standing IN ('member', 'worker', 'former')),
  unit_id INTEGER REFERENCES unit (id),
  unit_state TEXT NOT NULL DEFAULT 'none' CHECK (unit_state IN ('none', 'sought', 'pending', 'confirmed')),
  slot TEXT NOT NULL DEFAULT '' CHECK (slot IN ('', 'morning', 'noon', 'evening', 'none')),
  quiet_from INTEGER NOT NULL,
  quiet_to INTEGER NOT NULL,
  paused_until TEXT,
  consent_version TEXT NOT NULL,
  consent_at BIGINT NOT NULL,
  state TEXT NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'left')),
  created_at BIGINT NOT NULL
);
CREATE INDEX member_unit ON member (unit_id, state);
CREATE INDEX member_slot ON member (slot, id) WHERE state = 'active';

-- `tapped` is the last question button taken (dialog:seq), so that a second tap can be told from a stale one.
CREATE TABLE address (
  id INTEGER PRIMARY KEY,
  account_id INTEGER NOT NULL REFERENCES account (id),
  external_id TEXT NOT NULL,
  member_id INTEGER REFERENCES member (id),
  reachable SMALLINT NOT NULL DEFAULT 1,
  created_at BIGINT NOT NULL,
  last_in_at BIGINT NOT NULL,
  forget_at BIGINT,
  tapped TEXT NOT NULL DEFAULT '',
  tapped_at BIGINT NOT NULL DEFAULT 0,
  UNIQUE (account_id, external_id)
);
CREATE INDEX address_member ON address (member_id);
CREATE INDEX address_forget ON address (forget_at) WHERE forget_at IS NOT NULL;

CREATE TABLE unit_request (
  member_id INTEGER PRIMARY KEY REFERENCES member (id) ON DELETE CASCADE,
  description TEXT NOT NULL,
  created_at BIGINT NOT NULL
);

CREATE TABLE role (
  id INTEGER PRIMARY KEY,
  member_id INTEGER NOT NULL REFERENCES member (id),
  unit_id INTEGER NOT NULL REFERENCES unit (id),
  kind TEXT NOT NULL CHECK (kind IN ('officer', 'reviewer', 'staff', 'admin')),
  title TEXT NOT NULL DEFAULT '',
  phone TEXT NOT NULL DEFAULT '',
  phone_shown SMALLINT NOT NULL DEFAULT 0,
  granted_by INTEGER,
  granted_at BIGINT NOT NULL,
  valid_until BIGINT,
  UNIQUE (member_id, unit_id, kind)
);
CREATE INDEX role_unit ON role (unit_id, kind);

-- `update_hash` is a keyed hash of the platform's update key: it stays after everything else is blanked, against
-- duplicates. The payload is there only while the row is pending.
CREATE TABLE inbox (
  id INTEGER PRIMARY KEY,
  account_id INTEGER NOT NULL REFERENCES account (id),
  update_hash BLOB NOT NULL,
  received_at BIGINT NOT NULL,
  state TEXT NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'done', 'failed')),
  payload TEXT,
  UNIQUE (account_id, update_hash)
);
CREATE INDEX inbox_pending ON inbox (id) WHERE state = 'pending';
CREATE INDEX inbox_age ON inbox (received_at);

-- `prompt_id` is the outbox row that carries the pending question, `asked` that question's key. An id is never used
-- twice: buttons of a dialog that ended carry it, and must not answer a later one.
CREATE TABLE dialog (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  address_id INTEGER NOT NULL REFERENCES address (id),
  flow TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('waiting', 'parked', 'stuck')),
  seq INTEGER NOT NULL DEFAULT 0,
  journal TEXT NOT NULL,
  asked TEXT NOT NULL,
  prompt_id INTEGER,
  failures INTEGER NOT NULL DEFAULT 0,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX dialog_waiting ON dialog (address_id) WHERE state = 'waiting';
CREATE INDEX dialog_address ON dialog (address_id, state, updated_at);

CREATE TABLE media (
  id INTEGER PRIMARY KEY,
  member_id INTEGER,
  kind TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('wanted', 'stored', 'gone', 'too_big')),
  account_id INTEGER REFERENCES account (id),
  source_ref TEXT NOT NULL DEFAULT '',
  path TEXT NOT NULL DEFAULT '',
  name TEXT NOT NULL DEFAULT '',
  size INTEGER,
  attempts INTEGER NOT NULL DEFAULT 0,
  created_at BIGINT NOT NULL,
  expires_at BIGINT
);
CREATE INDEX media_wanted ON media (id) WHERE state = 'wanted';
CREATE INDEX media_member ON media (member_id);

CREATE TABLE media_ref (
  media_id INTEGER NOT NULL REFERENCES media (id) ON DELETE CASCADE,
  account_id INTEGER NOT NULL REFERENCES account (id),
  ref TEXT NOT NULL,
  PRIMARY KEY (media_id, account_id)
);

-- An id is never used twice, even after an erasure: the web chat tells messages apart by it.
-- `not_before`, `valid_until` are people's time; `held_until`, `retry_since` are milliseconds of this process's monotonic
-- clock and are cleared when a process starts. `origin` says what caused the row: '' for a reply, else kind:id.
CREATE TABLE outbox (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id INTEGER NOT NULL REFERENCES account (id),
  address_id INTEGER NOT NULL REFERENCES address (id),
  lane SMALLINT NOT NULL,
  operation TEXT NOT NULL DEFAULT 'send',
  target_id INTEGER,
  replace_key TEXT,
  origin TEXT NOT NULL DEFAULT '',
  body TEXT,
  state TEXT NOT NULL DEFAULT 'pending' CHECK (state IN
    ('pending', 'sending', 'sent', 'failed', 'unreachable', 'uncertain', 'cancelled', 'expired')),
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
CREATE INDEX outbox_ready ON outbox (account_id, lane, id) WHERE state = 'pending';
CREATE INDEX outbox_due ON outbox (account_id, not_before) WHERE state = 'pending' AND not_before > 0;
CREATE INDEX outbox_held ON outbox (account_id, held_until) WHERE state = 'pending' AND held_until > 0;
CREATE INDEX outbox_order ON outbox (address_id, lane, id) WHERE state IN ('pending', 'sending');
CREATE INDEX outbox_origin ON outbox (origin, state) WHERE origin <> '';
CREATE INDEX outbox_address ON outbox (address_id, id);
CREATE INDEX outbox_age ON outbox (finished_at) WHERE finished_at IS NOT NULL;

-- One unasked message a member a day: the key is the civil date, so nothing can make it two.
CREATE TABLE occurrence (
  member_id INTEGER NOT NULL REFERENCES member (id) ON DELETE CASCADE,
  day TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('queued', 'missed', 'nothing')),
  parts TEXT NOT NULL DEFAULT '',
  created_at BIGINT NOT NULL,
  PRIMARY KEY (member_id, day)
);
CREATE INDEX occurrence_day ON occurrence (day);

-- What the ticker has done: one row a source and due instant, with how far it got; of upkeep only the last one.
CREATE TABLE due_done (
  source TEXT NOT NULL,
  due_at BIGINT NOT NULL,
  cursor INTEGER NOT NULL DEFAULT 0,
  state TEXT NOT NULL CHECK (state IN ('running', 'done', 'missed')),
  PRIMARY KEY (source, due_at)
);

CREATE TABLE code (
  hash BLOB PRIMARY KEY,
  purpose TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  used_at BIGINT
);

CREATE TABLE audit (
  id INTEGER PRIMARY KEY,
  at BIGINT NOT NULL,
  actor_id INTEGER,
  act TEXT NOT NULL,
  unit_id INTEGER,
  detail TEXT NOT NULL DEFAULT ''
);
