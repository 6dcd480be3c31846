-- Which revisions of a card a member saw ('' for what was read before this was written down), so that who saw a wrong one
-- can be told what is right; and which corrections they were sent, in which message.
CREATE TABLE card_read_next (
  member_id INTEGER NOT NULL REFERENCES member (id) ON DELETE CASCADE,
  card_id TEXT NOT NULL,
  revision TEXT NOT NULL DEFAULT '',
  at BIGINT NOT NULL,
  PRIMARY KEY (member_id, card_id, revision)
);
INSERT INTO card_read_next (member_id, card_id, at) SELECT member_id, card_id, at FROM card_read;
DROP TABLE card_read;
ALTER TABLE card_read_next RENAME TO card_read;

CREATE TABLE erratum_sent (
  member_id INTEGER NOT NULL REFERENCES member (id) ON DELETE CASCADE,
  erratum_id TEXT NOT NULL,
  outbox_id BIGINT,
  at BIGINT NOT NULL,
  PRIMARY KEY (member_id, erratum_id)
);
