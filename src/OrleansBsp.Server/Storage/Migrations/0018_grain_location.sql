-- Where the long-lived grains are: Orleans' directory for them.
create table grain_location (
  cluster_id text not null,
  grain text not null,
  silo text not null,
  activation text not null,
  membership_version bigint not null,
  primary key (cluster_id, grain)
);
create index grain_location_silo on grain_location (cluster_id, silo);
