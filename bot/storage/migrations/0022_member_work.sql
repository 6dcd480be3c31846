-- What kind of work a member chose to be addressed by in suggestions of pieces (an id of the pack), since `at`. It hangs on
-- the member like what they read, apart from the columns officers select by.
CREATE TABLE member_work (
  member_id INTEGER PRIMARY KEY REFERENCES member (id) ON DELETE CASCADE,
  work TEXT NOT NULL,
  at BIGINT NOT NULL
);
