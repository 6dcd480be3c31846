-- Pictures that are the same for everybody: drawn once, then sent by their file's row. `key` is a hash of what stands on it.
CREATE TABLE drawn (
  key BLOB PRIMARY KEY,
  media_id INTEGER NOT NULL REFERENCES media (id) ON DELETE CASCADE
);
