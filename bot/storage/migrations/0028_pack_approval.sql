-- Which revision of a content pack was approved, by whom (name and title as given), when. Nothing changes or removes a line.
CREATE TABLE pack_approval (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  copy TEXT NOT NULL,
  given_by TEXT NOT NULL,
  given_at BIGINT NOT NULL
);
