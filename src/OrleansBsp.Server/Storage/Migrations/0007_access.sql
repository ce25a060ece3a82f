-- Who may call, and what was answered to a repeated request.

create table app_user (
  id bigint generated always as identity primary key,
  email text not null unique,
  password_hash text not null,
  created_at timestamptz not null default now()
);

create table api_key (
  id bigint generated always as identity primary key,
  name text not null,
  key_hash bytea not null unique,           -- SHA-256; the key itself is shown once
  scopes text[] not null,
  created_at timestamptz not null default now()
);

create table idempotency (
  caller text not null,
  key text not null,
  request_hash bytea not null,              -- method, path and body
  status int,                               -- null: still in progress
  content_type text,
  body bytea,
  created_at timestamptz not null default now(),
  primary key (caller, key)
);
create index idempotency_age on idempotency (created_at);
