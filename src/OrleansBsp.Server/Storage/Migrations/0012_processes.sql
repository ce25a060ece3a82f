-- Every process of the installation that is alive, silo or not, for operators to look at. Decides nothing: Orleans' membership does.
create table process (
  id uuid primary key,
  name text not null,
  roles text[] not null,
  version text not null,
  silo_address text,                        -- null: hosts no grains
  started_at timestamptz not null default now(),
  seen_at timestamptz not null default now(),
  sending_per_second int not null default 0
) with (fillfactor = 50);
