-- An announcement's whole life: official reference, question, files, narrower audiences, four eyes, a time to go out, pauses,
-- and what follows it (sent again, reminder, erratum, recall) as announcements of their own, to some of its recipients.

-- `audience` is JSON that narrows the subtree of `audience_id` ("" for nothing; domain.announcements.Audience), `reference`
-- JSON of the official reference ("" for none). `question` is what may be answered, `named` whether the officer of a
-- recipient's own unit may learn who answered. `of_id` and `purpose` say what it follows ("" for nothing).
-- `digest` is of what was submitted: an approval holds for exactly that. `send_at` is NULL for at once, `started_at` when
-- its high water was frozen. `settled` is the last recipient whose outcome was written down.
-- An id is never used twice: buttons on phones carry it.
CREATE TABLE announcement_next (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  author_id INTEGER REFERENCES member (id) ON DELETE SET NULL,
  unit_id INTEGER REFERENCES unit (id),
  unit_name TEXT NOT NULL,
  speaker TEXT NOT NULL,
  title TEXT NOT NULL,
  audience_id INTEGER REFERENCES unit (id),
  audience TEXT NOT NULL DEFAULT '',
  kind TEXT NOT NULL CHECK (kind = 'information' OR kind = 'task' OR kind = 'urgent' OR kind = 'congratulation'
    OR kind = 'condolence'),
  reason TEXT NOT NULL,
  body TEXT NOT NULL,
  reference TEXT NOT NULL DEFAULT '',
  question TEXT NOT NULL DEFAULT 'received' CHECK (question = 'none' OR question = 'received' OR question = 'attend'
    OR question = 'done' OR question = 'words'),
  named SMALLINT NOT NULL DEFAULT 0,
  of_id INTEGER REFERENCES announcement_next (id),
  purpose TEXT NOT NULL DEFAULT '' CHECK (purpose = '' OR purpose = 'again' OR purpose = 'reminder' OR purpose = 'erratum'
    OR purpose = 'recall'),
  state TEXT NOT NULL CHECK (state = 'waiting' OR state = 'returned' OR state = 'scheduled' OR state = 'held'
    OR state = 'queueing' OR state = 'sending' OR state = 'paused' OR state = 'stopping' OR state = 'stopped'
    OR state = 'done'),
  digest TEXT NOT NULL DEFAULT '',
  approver_id INTEGER REFERENCES member (id) ON DELETE SET NULL,
  approver_title TEXT NOT NULL DEFAULT '',
  decided_at BIGINT,
  note TEXT NOT NULL DEFAULT '',
  send_at BIGINT,
  started_at BIGINT,
  high_water INTEGER NOT NULL,
  cursor INTEGER NOT NULL DEFAULT 0,
  settled INTEGER NOT NULL DEFAULT 0,
  result TEXT NOT NULL DEFAULT '',
  created_at BIGINT NOT NULL,
  valid_until BIGINT NOT NULL
);
INSERT INTO announcement_next (id, author_id, unit_id, unit_name, speaker, title, audience_id, kind, reason, body, state,
  started_at, high_water, cursor, result, created_at, valid_until)
  SELECT id, author_id, unit_id, unit_name, speaker, title, audience_id, kind, reason, body, state, created_at,
  high_water, cursor, result, created_at, valid_until FROM announcement;

-- `unit_id` is the recipient's unit when they were added. `outcome` is what became of the message, "" while the outbox
-- still knows: a state of the outbox, or `unreachable` where there was no row. `answer` is a choice's id, `words` the
-- recipient's own.
CREATE TABLE recipient_next (
  announcement_id INTEGER NOT NULL REFERENCES announcement_next (id) ON DELETE CASCADE,
  member_id INTEGER NOT NULL REFERENCES member (id) ON DELETE CASCADE,
  unit_id INTEGER REFERENCES unit (id),
  outcome TEXT NOT NULL DEFAULT '',
  answer TEXT NOT NULL DEFAULT '',
  words TEXT NOT NULL DEFAULT '',
  answered_at BIGINT,
  PRIMARY KEY (announcement_id, member_id)
);
INSERT INTO recipient_next (announcement_id, member_id, unit_id, answer, answered_at)
  SELECT r.announcement_id, r.member_id, m.unit_id, CASE WHEN r.acknowledged_at IS NULL THEN '' ELSE 'received' END,
  r.acknowledged_at FROM recipient r JOIN member m ON m.id = r.member_id;
DROP TABLE recipient;
DROP TABLE announcement;
ALTER TABLE announcement_next RENAME TO announcement;
ALTER TABLE recipient_next RENAME TO recipient;
CREATE INDEX announcement_unfinished ON announcement (id) WHERE state = 'scheduled' OR state = 'queueing' OR state = 'sending'
  OR state = 'stopping';
CREATE INDEX announcement_unit ON announcement (unit_id, id);
CREATE INDEX announcement_author ON announcement (author_id);
CREATE INDEX announcement_approver ON announcement (approver_id) WHERE approver_id IS NOT NULL;
CREATE INDEX announcement_of ON announcement (of_id) WHERE of_id IS NOT NULL;
CREATE INDEX recipient_member ON recipient (member_id, announcement_id);
CREATE INDEX recipient_answered ON recipient (announcement_id) WHERE answered_at IS NOT NULL;

-- Files of an announcement in their order.
CREATE TABLE announcement_media (
  announcement_id INTEGER NOT NULL REFERENCES announcement (id) ON DELETE CASCADE,
  position SMALLINT NOT NULL,
  media_id INTEGER NOT NULL REFERENCES media (id),
  PRIMARY KEY (announcement_id, position)
);
CREATE INDEX announcement_media_file ON announcement_media (media_id);

-- *Chế độ trang trọng*, of a unit's subtree or (NULL) everywhere, until it is ended.
CREATE TABLE solemn (
  id INTEGER PRIMARY KEY,
  unit_id INTEGER REFERENCES unit (id),
  reason TEXT NOT NULL,
  started_by INTEGER REFERENCES member (id) ON DELETE SET NULL,
  started_at BIGINT NOT NULL,
  ended_by INTEGER REFERENCES member (id) ON DELETE SET NULL,
  ended_at BIGINT
);
CREATE INDEX solemn_now ON solemn (id) WHERE ended_at IS NULL;

-- Which announcement a row goes out for, 0 for anything else: claims take turns between them.
ALTER TABLE outbox ADD COLUMN queue INTEGER NOT NULL DEFAULT 0;
UPDATE outbox SET queue = CAST(substr(origin, 14) AS INTEGER) WHERE origin LIKE 'announcement:%';
DROP INDEX outbox_ready;
CREATE INDEX outbox_ready ON outbox (account_id, lane, queue, id) WHERE state = 'pending';
