-- What officers send, whom it is for and who acknowledged it.

-- Text, rule (`audience_id` and all under it, NULL for everyone) and `high_water`, the highest member id, are frozen when
-- it is sent; `cursor` is the last member id looked at. An officer's name is read from the member, so that erasing them
-- erases it; `speaker` is the name of whom the console speaks for.
CREATE TABLE announcement (
  id INTEGER PRIMARY KEY,
  author_id INTEGER REFERENCES member (id) ON DELETE SET NULL,
  unit_id INTEGER REFERENCES unit (id),
  unit_name TEXT NOT NULL,
  speaker TEXT NOT NULL,
  title TEXT NOT NULL,
  audience_id INTEGER REFERENCES unit (id),
  kind TEXT NOT NULL CHECK (kind IN ('information', 'task', 'urgent')),
  reason TEXT NOT NULL,
  body TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('queueing', 'sending', 'stopping', 'stopped', 'done')),
  high_water INTEGER NOT NULL,
  cursor INTEGER NOT NULL DEFAULT 0,
  result TEXT NOT NULL DEFAULT '',
  created_at BIGINT NOT NULL,
  valid_until BIGINT NOT NULL
);
CREATE INDEX announcement_unfinished ON announcement (id) WHERE state IN ('queueing', 'sending', 'stopping');
CREATE INDEX announcement_unit ON announcement (unit_id, id);
CREATE INDEX announcement_author ON announcement (author_id);

CREATE TABLE recipient (
  announcement_id INTEGER NOT NULL REFERENCES announcement (id) ON DELETE CASCADE,
  member_id INTEGER NOT NULL REFERENCES member (id) ON DELETE CASCADE,
  acknowledged_at BIGINT,
  PRIMARY KEY (announcement_id, member_id)
);
CREATE INDEX recipient_member ON recipient (member_id, announcement_id);
CREATE INDEX recipient_acknowledged ON recipient (announcement_id) WHERE acknowledged_at IS NOT NULL;

CREATE INDEX member_pending ON member (unit_id, id) WHERE unit_state = 'pending';

-- One-time codes that were typed and did not fit, kept for an hour.
CREATE TABLE code_attempt (
  id INTEGER PRIMARY KEY,
  address_id INTEGER NOT NULL REFERENCES address (id) ON DELETE CASCADE,
  at BIGINT NOT NULL
);
CREATE INDEX code_attempt_address ON code_attempt (address_id, at);
