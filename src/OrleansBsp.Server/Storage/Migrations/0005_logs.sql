-- Two append-only logs with readers that skip nothing: the raw webhook inbox and the event log.
--
-- Offsets are dense per shard and handed out by an update of the shard's head row inside the appending transaction.
-- The head row's lock is held until the commit, so offsets become visible in order: a reader that sees offset n has
-- every offset below n. A sequence would not do: a slow transaction commits a lower number later (invariant 8).
-- The price is that appends to one shard commit one after another; appends are batches, and there are several shards.

create table inbox_head (shard smallint primary key, last_offset bigint not null default 0) with (fillfactor = 10);
create table event_head (shard smallint primary key, last_offset bigint not null default 0) with (fillfactor = 10);

create table inbox (
  day date not null default current_date,
  shard smallint not null,
  "offset" bigint not null,
  received_at timestamptz not null default now(),
  body bytea not null,                      -- as it came, signature verified
  primary key (shard, "offset", day)
) partition by range (day);
alter table inbox alter column body set storage external;  -- compressing costs more than the space is worth for days

-- How far a shard of the inbox has been applied. Owned by the shard's grain.
create table inbox_cursor (
  shard smallint primary key,
  epoch bigint not null default 0,
  owner text,
  "offset" bigint not null default 0,
  updated_at timestamptz not null default now()
) with (fillfactor = 10);

-- Parts of webhook bodies that we could not read or do not know; the raw body stays in the inbox.
create table webhook_problem (
  id bigint generated always as identity primary key,
  shard smallint not null,
  "offset" bigint not null,
  path text not null,
  reason text not null,
  snippet text not null,
  at timestamptz not null default now(),
  unique (shard, "offset", path)
);

-- One row is one batch of transitions of one owner, as JSON.
create table event (
  day date not null default current_date,
  shard smallint not null,
  "offset" bigint not null,
  at timestamptz not null default now(),
  source text not null,                     -- 'campaign:1001', 'conversation:…', 'template:…'
  kind text not null,
  count int not null,
  body json not null,
  primary key (shard, "offset", day)
) partition by range (day);
alter table event alter column body set storage external;

insert into inbox_head (shard) select generate_series(0, 3);
insert into inbox_cursor (shard) select generate_series(0, 3);
insert into event_head (shard) select generate_series(0, 7);
