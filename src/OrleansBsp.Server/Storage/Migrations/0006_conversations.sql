-- Contacts and their consent, conversations with their messages.

create table contact (
  id bigint generated always as identity (start with 1001) primary key,
  phone bigint unique,                      -- E.164 without the plus, or Meta's wa_id; null for people known by BSUID only
  user_id text unique,                      -- BSUID
  name text not null default '',
  opted_out text check (opted_out in ('marketing', 'all')),  -- what the contact does not want; null: nothing known against
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  check (phone is not null or user_id is not null)
);
-- Asked for every released batch: must stay small and be served by this index alone.
create index contact_opted_out on contact (phone) include (opted_out) where opted_out is not null;

-- Why a contact may or may not be written to. Append only: the evidence.
create table consent (
  id bigint generated always as identity primary key,
  contact_id bigint not null references contact,
  at timestamptz not null default now(),
  action text not null check (action in ('opt-out', 'opt-in')),
  scope text not null check (scope in ('marketing', 'all')),
  source text not null,                     -- meta-preference, error-131050, keyword, operator, api
  detail text not null default ''
);
create index consent_contact on consent (contact_id, id);

create table conversation (
  id text primary key,                      -- '<phone number id>:<contact address>', address = wa_id digits or BSUID
  phone_number_id text not null references phone_number,
  address text not null,
  name text not null default '',
  epoch bigint not null default 0,
  owner text,
  state text not null default 'open' check (state in ('open', 'closed')),
  assignee text,
  unread int not null default 0,
  window_until timestamptz,                 -- end of the customer service window, from the inbound message's own time
  last_message_at timestamptz,
  last_preview text not null default '',
  campaign_id bigint,                       -- the campaign that this person answered last
  campaign_position int,
  created_at timestamptz not null default now()
);
create index conversation_recent on conversation (last_message_at desc, id);

create table conversation_message (
  id bigint generated always as identity (start with 1001) primary key,
  conversation_id text not null references conversation,
  direction text not null check (direction in ('in', 'out')),
  type text not null,
  body json not null,                       -- Meta's message object
  preview text not null default '',
  wamid text,
  reply_to text,                            -- wamid of the quoted message
  state smallint,                           -- MessageState, outbound only
  attempt smallint not null default 0,
  error_code int,
  error_detail text,
  created_by text not null default '',
  created_at timestamptz not null default now(),
  received_at timestamptz,                  -- inbound: Meta's time
  accepted_at timestamptz,
  sent_at timestamptz,
  delivered_at timestamptz,
  read_at timestamptz,
  failed_at timestamptz
);
create unique index conversation_message_wamid on conversation_message (wamid) where wamid is not null;
create index conversation_message_thread on conversation_message (conversation_id, id);

-- Single sends that are not finished: queued, released without an answer, to be sent again, or uncertain.
create table conversation_pending (
  message_id bigint primary key references conversation_message,
  conversation_id text not null,
  kind smallint not null,
  attempt smallint not null,
  due_at timestamptz not null
);
create index conversation_pending_due on conversation_pending (due_at);
create index conversation_pending_thread on conversation_pending (conversation_id);
