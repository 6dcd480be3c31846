-- Good deeds that members introduced. `happened` is an ISO date, 'often' or '' for not remembered; `told` is empty while a
-- voice note waits to be written down. `level_id` is the unit whose reviewers have it now, NULL while there are none.
-- Accepted ones outlive an erased nominator, without the link.

CREATE TABLE nomination (
  id INTEGER PRIMARY KEY,
  code TEXT NOT NULL UNIQUE,
  nominator_id INTEGER REFERENCES member (id),
  kind TEXT NOT NULL CHECK (kind IN ('person', 'collective', 'way')),
  nominee TEXT NOT NULL,
  unit_id INTEGER REFERENCES unit (id),
  unit_name TEXT NOT NULL,
  told TEXT NOT NULL,
  happened TEXT NOT NULL,
  why TEXT NOT NULL,
  by_voice SMALLINT NOT NULL DEFAULT 0,
  named SMALLINT NOT NULL,
  straight_up SMALLINT NOT NULL,
  anchor_id INTEGER REFERENCES unit (id),
  level_id INTEGER REFERENCES unit (id),
  state TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN
    ('waiting', 'asked', 'confirm', 'accepted', 'kept', 'not_chosen', 'not_good', 'withdrawn')),
  question TEXT NOT NULL DEFAULT '',
  answer TEXT NOT NULL DEFAULT '',
  reason TEXT NOT NULL DEFAULT '',
  created_at BIGINT NOT NULL,
  moved_at BIGINT NOT NULL
);
CREATE INDEX nomination_nominator ON nomination (nominator_id, state);
CREATE INDEX nomination_level ON nomination (level_id, created_at) WHERE state = 'waiting';
CREATE INDEX nomination_moved ON nomination (moved_at) WHERE state = 'waiting';

CREATE TABLE nomination_media (
  nomination_id INTEGER NOT NULL REFERENCES nomination (id) ON DELETE CASCADE,
  media_id INTEGER NOT NULL REFERENCES media (id) ON DELETE CASCADE,
  PRIMARY KEY (nomination_id, media_id)
);
CREATE INDEX nomination_media_file ON nomination_media (media_id);
