-- An erratum: the official reference that it replaced, beside the text (`was`); when it took its place (`corrected_at`, of
-- the announcement itself when it was last put right); the last recipient of whom it is written down which text they had.
ALTER TABLE announcement ADD COLUMN was_reference TEXT NOT NULL DEFAULT '';
ALTER TABLE announcement ADD COLUMN looked_back INTEGER NOT NULL DEFAULT 0;
UPDATE announcement SET corrected_at = created_at WHERE purpose = 'erratum' AND was <> '';
