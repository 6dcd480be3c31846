-- Decisions that a unit ends or is merged. The units it covers, with the last day each had before; the members asked what
-- they want, who is `told` once it is over or taken back.

CREATE TABLE unit_ending (
  id INTEGER PRIMARY KEY,
  unit_id INTEGER NOT NULL REFERENCES unit (id),
  successor_id INTEGER REFERENCES unit (id),
  last_day TEXT NOT NULL,
  state TEXT NOT NULL DEFAULT 'set' CHECK (state IN ('set', 'revoked', 'done')),
  decided_by INTEGER REFERENCES member (id) ON DELETE SET NULL,
  decided_at BIGINT NOT NULL
);
CREATE INDEX unit_ending_decider ON unit_ending (decided_by);

CREATE TABLE unit_ending_unit (
  ending_id INTEGER NOT NULL REFERENCES unit_ending (id) ON DELETE CASCADE,
  unit_id INTEGER NOT NULL REFERENCES unit (id),
  until_before TEXT,
  PRIMARY KEY (ending_id, unit_id)
);

CREATE TABLE unit_ending_member (
  ending_id INTEGER NOT NULL REFERENCES unit_ending (id) ON DELETE CASCADE,
  member_id INTEGER NOT NULL REFERENCES member (id) ON DELETE CASCADE,
  answer TEXT NOT NULL DEFAULT '' CHECK (answer IN ('', 'move', 'stay', 'leave')),
  target_id INTEGER REFERENCES unit (id),
  asked_at BIGINT,
  reminded SMALLINT NOT NULL DEFAULT 0,
  told SMALLINT NOT NULL DEFAULT 0,
  PRIMARY KEY (ending_id, member_id)
);
CREATE INDEX unit_ending_member_member ON unit_ending_member (member_id);
