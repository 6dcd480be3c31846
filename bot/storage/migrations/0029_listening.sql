-- The language a member chose to listen in (a code of the pack), since `at`. Like what they read, for nobody's eyes but theirs.
CREATE TABLE member_language (
  member_id INTEGER PRIMARY KEY REFERENCES member (id) ON DELETE CASCADE,
  language TEXT NOT NULL,
  at BIGINT NOT NULL
);

-- What holders of roles recorded of a card in another language. It waits for a second person, then members hear it; what
-- is refused or withdrawn is deleted, and so is what an erased member sent. `revision` is that of the text that was read,
-- `told_of` the later one its author was last told of. An id is never used twice: buttons carry it.
CREATE TABLE recording (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  target TEXT NOT NULL,
  language TEXT NOT NULL,
  revision TEXT NOT NULL,
  media_id INTEGER NOT NULL REFERENCES media (id) ON DELETE CASCADE,
  author_id INTEGER NOT NULL REFERENCES member (id) ON DELETE CASCADE,
  unit_id INTEGER NOT NULL REFERENCES unit_number (id),
  speaker TEXT NOT NULL,
  state TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'approved')),
  told_of TEXT NOT NULL DEFAULT '',
  created_at BIGINT NOT NULL,
  decided_at BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX recording_played ON recording (language, target) WHERE state = 'approved';
CREATE INDEX recording_author ON recording (author_id);
CREATE INDEX recording_file ON recording (media_id);
