-- Names and phones of erased officers (`names` is a JSON array), until every message and journal was looked through for
-- them, piece by piece: `cursor` is the last row of `place` that was.
CREATE TABLE unnaming (
  id INTEGER PRIMARY KEY,
  place TEXT NOT NULL CHECK (place IN ('dialog', 'outbox')),
  names TEXT NOT NULL,
  cursor BIGINT NOT NULL
);
