-- Who may send an attempt that came by a queue, which may deliver it many times: the first to write its row here. A row with may_send = false says that
-- nobody has sent it and nobody will. The day is that of the attempt's moment, which every delivery of it carries.
create table send_claim (
  day date not null,
  campaign_id bigint not null,
  position int not null,
  attempt smallint not null,
  claimer uuid not null,                    -- one batch of one process: what it cannot remember, it reads
  may_send boolean not null,
  at timestamptz not null default now(),
  primary key (day, campaign_id, position, attempt)
) partition by range (day);
