-- What a member read and where they stand; nobody else may see any of it. No score is kept: an answer leaves only what
-- is needed to choose the next questions.

CREATE TABLE card_read (
  member_id INTEGER NOT NULL REFERENCES member (id) ON DELETE CASCADE,
  card_id TEXT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (member_id, card_id)
);

-- Questions not to be asked again until the member has been through them all.
CREATE TABLE question_right (
  member_id INTEGER NOT NULL REFERENCES member (id) ON DELETE CASCADE,
  question_id TEXT NOT NULL,
  PRIMARY KEY (member_id, question_id)
);

-- `stage` counts the returns so far plus one.
CREATE TABLE missed_question (
  member_id INTEGER NOT NULL REFERENCES member (id) ON DELETE CASCADE,
  question_id TEXT NOT NULL,
  due_on TEXT NOT NULL,
  stage SMALLINT NOT NULL,
  PRIMARY KEY (member_id, question_id)
);
