-- Claims go through one queue of a lane at a time, and never over rows whose hour has not come.
DROP INDEX outbox_ready;
CREATE INDEX outbox_ready ON outbox (account_id, lane, queue, not_before, id) WHERE state = 'pending';
