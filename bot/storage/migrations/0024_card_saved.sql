-- Cards a member put aside to find again; nobody else may see any of it.
CREATE TABLE card_saved (
  member_id INTEGER NOT NULL REFERENCES member (id) ON DELETE CASCADE,
  card_id TEXT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (member_id, card_id)
);
