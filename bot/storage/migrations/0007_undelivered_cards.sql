-- The outbox row of a day's unasked message: a card in it that did not arrive is the next one again.
ALTER TABLE occurrence ADD COLUMN outbox_id BIGINT;
