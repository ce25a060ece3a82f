-- A campaign in three tables: what was asked (campaign), what runs (campaign_run, the owned row), and who gets it (recipient).

create table audience (
  id bigint generated always as identity primary key,
  campaign_id bigint not null,
  columns text[] not null,                  -- every column of the file but the phone column, in the file's order
  rows int not null,
  accepted int not null,
  duplicates int not null,
  invalid int not null,
  encoding text not null,
  delimiter text not null,
  created_at timestamptz not null default now()
);

-- One row of a campaign's audience. Positions are 1..accepted without gaps. Never updated.
create table recipient (
  audience_id bigint not null,
  position int not null,
  phone bigint not null,                    -- E.164 without the plus; 15 digits fit
  values text[] not null,                   -- in the order of audience.columns
  primary key (audience_id, position)
);
-- "Nobody twice" is the database's word, not the importer's.
create unique index recipient_phone on recipient (audience_id, phone);

-- A rejected row of the uploaded file, kept whole so that it can be mended and uploaded again.
create table audience_reject (
  audience_id bigint not null,
  row_number int not null,                  -- 1 is the first row after the header
  column_name text not null,
  value text not null,
  code text not null,
  message text not null,
  fields text[] not null,                   -- the row as it came
  primary key (audience_id, row_number)
);

create table campaign (
  id bigint generated always as identity (start with 1001) primary key,
  name text not null,
  phone_number_id text not null references phone_number,
  template_name text not null,
  template_language text not null,
  template jsonb,                           -- the template as it was at launch (frozen)
  category text not null default 'MARKETING',
  parameters jsonb not null,
  default_country text not null,
  max_per_second int,
  resend_uncertain boolean not null default false,  -- utility and authentication only: resend an uncertain message once
  token_key int not null default (random() * 2147483647)::int,  -- part of every message's token: another installation's tokens are not ours
  audience_id bigint references audience,
  created_by text not null default '',
  created_at timestamptz not null default now()
);

-- The owned row. Every write carries the epoch; counters are deltas in the transaction that writes the messages.
-- No index but the key and the small partial one: the row is updated many times a second (HOT).
create table campaign_run (
  campaign_id bigint primary key references campaign,
  epoch bigint not null default 0,
  owner text,
  state text not null default 'draft' check (state in ('draft', 'scheduled', 'running', 'paused', 'completed', 'cancelled')),
  state_reason text,
  month date not null default date_trunc('month', now()),   -- partition of this campaign's messages, fixed at launch
  planned int not null default 0,
  released_through int not null default 0,  -- the checkpoint: positions up to here may have been sent
  recorded_through int not null default 0,  -- every position up to here has a message row
  retrying int not null default 0,
  accepted_only int not null default 0,
  held int not null default 0,
  sent int not null default 0,
  delivered int not null default 0,
  read int not null default 0,
  failed int not null default 0,
  refused int not null default 0,
  skipped int not null default 0,
  expired int not null default 0,
  cancelled int not null default 0,
  uncertain int not null default 0,
  unknown int not null default 0,
  start_at timestamptz,
  start_before timestamptz,                 -- a schedule missed by more than its window waits and asks
  launched_at timestamptz,
  started_at timestamptz,
  ended_at timestamptz,
  updated_at timestamptz not null default now()
) with (fillfactor = 40);
create index campaign_run_active on campaign_run (campaign_id) where state in ('scheduled', 'running');
