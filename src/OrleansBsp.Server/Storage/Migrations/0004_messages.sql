-- What became of each released recipient. Written in batches by the campaign's owner, partitioned by the campaign's month.
-- A released position without a row here is in flight, or uncertain after a crash: that set is exact.
create table message (
  month date not null,
  campaign_id bigint not null,
  position int not null,
  state smallint not null,                  -- MessageState
  attempt smallint not null,
  error_code int,
  error_detail text,
  wamid text,
  wamid_key bigint,                         -- 64-bit hash of wamid: statuses without token and quoted replies find their message
  wa_id bigint,                             -- only where Meta's wa_id differs from the number that was sent to
  accepted_at timestamptz,
  sent_at timestamptz,
  delivered_at timestamptz,
  read_at timestamptz,
  failed_at timestamptz,
  recorded_at timestamptz not null default now(),
  primary key (month, campaign_id, position)
) partition by range (month);
-- Written once with the row, never changed by a receipt, so receipts stay HOT.
create index message_wamid on message (wamid_key) where wamid_key is not null;

-- Attempts that did not end in "accepted", for the recipient's timeline. A few percent of the messages.
create table attempt (
  month date not null,
  campaign_id bigint not null,
  position int not null,
  attempt smallint not null,
  at timestamptz not null default now(),
  outcome text not null,                    -- retry, refused, uncertain, blocked, skipped
  error_code int,
  detail text,
  trace text,                               -- Meta's fbtrace_id
  primary key (month, campaign_id, position, attempt, outcome)
) partition by range (month);

-- The small hot table of messages with a timer: to be sent again, sent again and in flight, or uncertain.
create table pending (
  campaign_id bigint not null,
  position int not null,
  kind smallint not null,                   -- PendingKind
  attempt smallint not null,
  due_at timestamptz not null,
  primary key (campaign_id, position)
) with (fillfactor = 70);
create index pending_due on pending (campaign_id, due_at);

-- Partitions are made ahead of need (PartitionKeeper), here for the first days.
create function ensure_month_partition(parent text, month date) returns void language plpgsql as $f$
declare
  first date := date_trunc('month', month);
  child text := parent || to_char(first, '_YYYY_MM');
begin
  if to_regclass(child) is null then
    execute format('create table if not exists %I partition of %I for values from (%L) to (%L) with (fillfactor = 60)',
      child, parent, first, (first + interval '1 month')::date);
  end if;
end $f$;

create function ensure_day_partition(parent text, day date) returns void language plpgsql as $f$
declare
  child text := parent || to_char(day, '_YYYY_MM_DD');
begin
  if to_regclass(child) is null then
    execute format('create table if not exists %I partition of %I for values from (%L) to (%L)', child, parent, day, day + 1);
  end if;
end $f$;
