-- The keys that sessions are encrypted with, encrypted themselves with the key of the installation, which is not in the database.
create table session_key (
  id bigint generated always as identity primary key,
  encrypted bytea not null,
  created_at timestamptz not null default now()
);
