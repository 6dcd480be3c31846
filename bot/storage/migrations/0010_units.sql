-- What official lists say of a unit beside its name: what it is called in daily life, its place among its neighbours,
-- what it was called before, and which unit took its place when it was merged.

ALTER TABLE unit ADD COLUMN short_name TEXT NOT NULL DEFAULT '';
ALTER TABLE unit ADD COLUMN position INTEGER;
ALTER TABLE unit ADD COLUMN successor_id INTEGER REFERENCES unit (id);

CREATE TABLE unit_former_name (
  unit_id INTEGER NOT NULL REFERENCES unit (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  PRIMARY KEY (unit_id, name)
);
