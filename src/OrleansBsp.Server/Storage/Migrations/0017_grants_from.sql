-- When the present owner of a number may begin to grant. Kept so that an owner who ends late, after the next one has taken the number, can let that one begin earlier.
alter table phone_number add column grants_from timestamptz not null default '-infinity';
-- What an owner that ended in order knew of the arrivals of its permits, for the next one: its epoch, when it was, and how long before that each had arrived.
alter table phone_number add column arrivals_epoch bigint, add column arrivals_at timestamptz, add column arrivals jsonb;
