-- After a restore to a point before the last moment of sending, and before the first server starts on it:
--
--   psql --single-transaction -v ON_ERROR_STOP=1 -v seconds=5400 -f docs/after-restore.sql "$CONNECTION"
--
-- seconds: from the point that was restored to the last moment at which a server may have sent, rounded up. More is safer; if limits were
-- raised meanwhile, more is needed. Every server of the old installation must have been stopped.
--
-- The database has forgotten whom it wrote to since; started as it is, it would write to them again. Releases go in the order of
-- positions and never faster than the limits, so whoever may have been written to is known: they are released here without being sent, and
-- with that uncertain, the state for exactly this. Statuses that still come settle them; who stays without one becomes unknown and is not
-- written to again. Campaigns that were sending are paused: look at them, then resume or cancel.

do $$ begin
  if exists (select from pg_stat_activity where datname = current_database() and application_name like 'orleansbsp%' and pid <> pg_backend_pid()) then
    raise exception 'A server of OrleansBsp is connected to this database.' using hint = 'Stop every server, and run this again before the first one starts.';
  end if;
end $$;

-- A wrong number would write to people twice, so it is looked at before anything changes. A syntax error here: -v seconds=... was not given.
select set_config('bsp.seconds', :'seconds', true);
do $$ begin
  if current_setting('bsp.seconds') !~ '^[0-9]{1,8}$' then
    raise exception 'seconds is %.', current_setting('bsp.seconds') using hint = 'It must be a whole number of seconds, 0 or more: -v seconds=5400';
  end if;
end $$;

-- A server of the old installation that lives on in some corner must find every epoch lost.
update campaign_run set epoch = epoch + 1000000;
update phone_number set epoch = epoch + 1000000;
update inbox_cursor set epoch = epoch + 1000000;
update conversation set epoch = epoch + 1000000;
delete from orleans_silo;
delete from grain_location;
update orleans_cluster set version = version + 1000000;

-- Orders that still lie in a queue are of sends that are forgotten here: that nobody has claimed them, or that they are not to be sent, proves nothing any more.
-- Three seconds more than now, as orders are written a little ahead of their moments; the script waits for longer than that.
insert into restored values (clock_timestamp() + interval '3 seconds');
update send_claim set may_send = true where not may_send;

-- What was made since is forgotten, but orders and statuses with its ids still come: they must not be taken for those of new campaigns and messages.
select setval(pg_get_serial_sequence('campaign', 'id'), (select coalesce(max(id), 0) from campaign) + 1000000);
select setval(pg_get_serial_sequence('conversation_message', 'id'), (select coalesce(max(id), 0) from conversation_message) + 1000000);

-- Repeats that may have gone out: in flight, whose answer nobody will bring.
with gone as (
  update pending p set kind = 2, attempt = p.attempt + 1
  from campaign_run r where r.campaign_id = p.campaign_id and p.kind = 1 and r.state in ('running', 'paused')
  returning p.campaign_id, p.position, p.attempt, r.month),
told as (
  update message m set state = 0, attempt = gone.attempt
  from gone where m.month = gone.month and m.campaign_id = gone.campaign_id and m.position = gone.position)
update campaign_run r set retrying = r.retrying - counted.messages
from (select campaign_id, count(*) as messages from gone group by campaign_id) counted where r.campaign_id = counted.campaign_id;

with gone as (update conversation_pending set kind = 2, attempt = attempt + 1 where kind = 1 returning message_id, attempt)
update conversation_message m set state = 0, attempt = gone.attempt from gone where m.id = gone.message_id;

-- "Send again where it is uncertain" was decided for moments of doubt, not for this: campaigns that are paused below lose it.
update campaign c set resend_uncertain = false from campaign_run r
where r.campaign_id = c.id and (r.state in ('running', 'paused') or (r.state = 'scheduled' and r.start_at <= now()));

-- First attempts that may have gone out: as many as the limits allowed, and two seconds for what was granted ahead.
update campaign_run r set
  released_through = least(r.planned, r.released_through + ceil((current_setting('bsp.seconds')::int + 2) * least(n.throughput, n.max_per_second, c.max_per_second)))::int,
  state = 'paused',
  state_reason = 'The database was restored to an earlier point. Whoever may have been written to since is uncertain or unknown and is not written to again; look at them before you resume.'
from campaign c join phone_number n on n.id = c.phone_number_id
where c.id = r.campaign_id and (r.state in ('running', 'paused') or (r.state = 'scheduled' and r.start_at <= now()));

-- Until no moment of before is to come.
select pg_sleep(4);
