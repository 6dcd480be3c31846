-- The last recipient for whom the step in hand is done of what follows an announcement (`looked_back` is of an erratum's
-- beginning): what came of an edit or a deletion, what being sent again changed in the announcement.
ALTER TABLE announcement ADD COLUMN place INTEGER NOT NULL DEFAULT 0;
-- What an announcement's row says is made at every claim from now on, also at the next try.
UPDATE outbox SET body = NULL
  WHERE state = 'pending' AND queue > 0 AND target_id IS NULL AND origin <> '' AND body IS NOT NULL;
