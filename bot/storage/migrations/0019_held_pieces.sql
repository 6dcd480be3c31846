-- What officers wanted for their unit's group or wall while the mode was solemn there, until an administrator decides.
-- `what` is announcement, card, milestone (`ref` as in group_post) or poster (`ref` is the unit); `unit_id` where it was
-- held, `label` how it stands in lists.
CREATE TABLE held_piece (
  id INTEGER PRIMARY KEY,
  member_id INTEGER NOT NULL REFERENCES member (id) ON DELETE CASCADE,
  unit_id INTEGER NOT NULL REFERENCES unit (id) ON DELETE CASCADE,
  what TEXT NOT NULL,
  ref TEXT NOT NULL,
  label TEXT NOT NULL,
  held_at BIGINT NOT NULL
);
CREATE INDEX held_piece_member ON held_piece (member_id);
CREATE INDEX held_piece_unit ON held_piece (unit_id);
