-- Missed questions return by FSRS. `days` lie between the last answer and `due_on`; `stability` and `difficulty` are what
-- FSRS remembers, `returns` how often the question came back. What waits keeps its day: the two returns there were until
-- now lay where FSRS puts the first two, one day and two more, so their memory is what it computes for them.
CREATE TABLE missed_question_next (
  member_id INTEGER NOT NULL REFERENCES member (id) ON DELETE CASCADE,
  question_id TEXT NOT NULL,
  due_on TEXT NOT NULL,
  days INTEGER NOT NULL,
  stability DOUBLE PRECISION NOT NULL,
  difficulty DOUBLE PRECISION NOT NULL,
  returns INTEGER NOT NULL,
  PRIMARY KEY (member_id, question_id)
);
INSERT INTO missed_question_next (member_id, question_id, due_on, days, stability, difficulty, returns)
  SELECT member_id, question_id, due_on, stage, CASE WHEN stage = 1 THEN 0.212 ELSE 1.8867876195204154 END,
    CASE WHEN stage = 1 THEN 6.4133 ELSE 6.402115069296838 END, stage - 1 FROM missed_question;
DROP TABLE missed_question;
ALTER TABLE missed_question_next RENAME TO missed_question;
CREATE INDEX missed_question_due ON missed_question (due_on);

-- How many missed questions a member answered again on the last day there were any.
CREATE TABLE day_return (
  member_id INTEGER PRIMARY KEY REFERENCES member (id) ON DELETE CASCADE,
  day TEXT NOT NULL,
  count INTEGER NOT NULL
);
