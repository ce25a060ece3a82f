-- WhatsApp Business Accounts, their phone numbers and templates, as last fetched from Meta.

create table waba (
  id text primary key,
  name text not null,
  access_token bytea not null,              -- AES-256-GCM, see TokenCipher; never leaves the server
  time_zone text not null,
  currency text not null,
  state text not null default 'active' check (state in ('active', 'stopped')),
  state_reason text,                        -- why it is stopped, in words for the operator
  created_at timestamptz not null default now(),
  synced_at timestamptz
);

create table phone_number (
  id text primary key,
  waba_id text not null references waba,
  display_number text not null,
  verified_name text not null default '',
  quality_rating text not null default 'UNKNOWN',
  status text not null default 'CONNECTED', -- Meta's: only CONNECTED sends
  throughput_level text not null default 'STANDARD',
  throughput int not null,                  -- messages/s that Meta allows
  max_per_second int,                       -- the operator's own cap, below throughput
  reserved_for_replies int not null default 5,  -- messages/s that replies and single sends may take before campaigns
  state text not null default 'active' check (state in ('active', 'stopped')),
  state_reason text,
  -- The right to grant permits (one writer, time-limited; design: Ownership). Database time.
  epoch bigint not null default 0,
  owner text,
  grants_until timestamptz not null default '-infinity',
  synced_at timestamptz not null default now()
) with (fillfactor = 50);
create index phone_number_waba on phone_number (waba_id);

create table template (
  id text primary key,                      -- Meta's id, a string in the API and a number in webhooks
  waba_id text not null references waba,
  name text not null,
  language text not null,
  category text not null,
  status text not null,
  parameter_format text not null default 'POSITIONAL',
  components jsonb not null,
  quality text,
  reason text,
  synced_at timestamptz not null default now(),
  unique (waba_id, name, language)
);
