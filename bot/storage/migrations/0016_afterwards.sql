-- What follows an announcement: why messages did not arrive, corrected texts, recalls, what its officers were told.

-- `reason` is of services.reasons, "" where there is none.
ALTER TABLE recipient ADD COLUMN reason TEXT NOT NULL DEFAULT '';

-- `was` is, in an erratum, the text it replaced ("" until it did). A corrected announcement has the right text in `body`.
ALTER TABLE announcement ADD COLUMN was TEXT NOT NULL DEFAULT '';
ALTER TABLE announcement ADD COLUMN corrected_at BIGINT;
ALTER TABLE announcement ADD COLUMN recalled_at BIGINT;

-- What officers were told of an announcement of their own accord, once each: unanswered, names.
CREATE TABLE announcement_told (
  announcement_id INTEGER NOT NULL REFERENCES announcement (id) ON DELETE CASCADE,
  what TEXT NOT NULL CHECK (what = 'unanswered' OR what = 'names'),
  told_at BIGINT NOT NULL,
  PRIMARY KEY (announcement_id, what)
);
