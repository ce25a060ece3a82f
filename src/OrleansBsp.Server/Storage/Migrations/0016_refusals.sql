-- How many attempts of a message Meta has refused for the moment: it may only happen so often. Counted apart from attempts, of which many may have been waits of ours.
-- Of a campaign's message it is kept while the message is not settled, beside its timer: the large table stays as it is.
alter table pending add column refusals smallint not null default 0;
alter table conversation_message add column refusals smallint not null default 0;
