-- This database was restored to an earlier point (docs/after-restore.sql): whom it wrote to until then it may have forgotten. Empty in most installations.
create table restored (
  until timestamptz not null
);
