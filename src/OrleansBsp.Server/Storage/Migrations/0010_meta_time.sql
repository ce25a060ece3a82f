-- Webhooks come more than once, late and in any order, and on several shards. Meta's own time of a template's status tells which word is the last.
alter table template add column status_at timestamptz;
