-- The revision of the content a conversation began with, and keeps to its end; '' for one begun before it was written down.
ALTER TABLE dialog ADD COLUMN pack TEXT NOT NULL DEFAULT '';
CREATE INDEX dialog_pack ON dialog (pack);
