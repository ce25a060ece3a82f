-- When the present owner of a number may begin to grant. Kept so that an owner who ends late, after the next one has taken the number, can let that one begin earlier.
alter table phone_number add column grants_from timestamptz not null default '-infinity';
