-- A repeated request learns too where the thing is that the first one made.
alter table idempotency add column if not exists location text;
