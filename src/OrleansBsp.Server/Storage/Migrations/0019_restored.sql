-- This database was restored to an earlier point (docs/after-restore.sql, which makes the table where the restored point is older than it): whom it
-- wrote to until then it may have forgotten. Empty in most installations.
create table if not exists restored (
  until timestamptz not null
);
