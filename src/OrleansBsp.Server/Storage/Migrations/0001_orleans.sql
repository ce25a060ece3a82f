-- Our own script for Orleans' AdoNet clustering and grain storage (10.4.2). The packages ship none.
-- The contract is the query keys, their parameters and the result column names; each query is one statement,
-- so each call is one transaction. The version row of a cluster serialises membership changes.
-- Grain state: (service, state name, key) is the row, without the grain class, and keys that look like hexadecimal
-- numbers collide. Hence every key carries a prefix that is not hexadecimal ("w:…") and every state its own name.

create table orleansquery (
  querykey text primary key,
  querytext text not null
);

create table orleans_cluster (
  cluster_id text primary key,
  version int not null default 0,
  changed_at timestamptz not null default now()
);

create table orleans_silo (
  cluster_id text not null references orleans_cluster,
  address text not null,
  port int not null,
  generation int not null,
  silo_name text not null,
  host_name text not null,
  status int not null,
  proxy_port int,
  suspect_times text,
  start_time timestamptz not null,
  alive_time timestamptz not null,
  primary key (cluster_id, address, port, generation)
);

create table orleans_state (
  service_id text not null,
  state_name text not null,
  n0 bigint not null,
  n1 bigint not null,
  key text not null default '',
  version int not null,
  payload bytea,
  modified_at timestamptz not null default now(),
  primary key (service_id, state_name, key, n0, n1)
) with (fillfactor = 70);

insert into orleansquery (querykey, querytext) values
('InsertMembershipVersionKey', $q$
  with i as (insert into orleans_cluster (cluster_id) values (@DeploymentId) on conflict do nothing returning 1)
  select count(*)::int from i$q$),
-- No "on conflict" on the silo row: a duplicate must raise and roll the version back.
('InsertMembershipKey', $q$
  with v as (
    update orleans_cluster set version = version + 1, changed_at = now()
    where cluster_id = @DeploymentId and version = @Version
      and not exists (select 1 from orleans_silo where cluster_id = @DeploymentId and address = @Address and port = @Port and generation = @Generation)
    returning cluster_id),
  i as (
    insert into orleans_silo (cluster_id, address, port, generation, silo_name, host_name, status, proxy_port, start_time, alive_time)
    select cluster_id, @Address, @Port, @Generation, @SiloName, @HostName, @Status, @ProxyPort, @StartTime, @IAmAliveTime from v
    returning 1)
  select count(*)::int from i$q$),
('UpdateMembershipKey', $q$
  with v as (
    update orleans_cluster set version = version + 1, changed_at = now()
    where cluster_id = @DeploymentId and version = @Version
      and exists (select 1 from orleans_silo where cluster_id = @DeploymentId and address = @Address and port = @Port and generation = @Generation)
    returning cluster_id),
  u as (
    update orleans_silo s set status = @Status, suspect_times = @SuspectTimes, alive_time = @IAmAliveTime from v
    where s.cluster_id = v.cluster_id and s.address = @Address and s.port = @Port and s.generation = @Generation
    returning 1)
  select count(*)::int from u$q$),
('UpdateIAmAlivetimeKey', $q$
  update orleans_silo set alive_time = @IAmAliveTime
  where cluster_id = @DeploymentId and address = @Address and port = @Port and generation = @Generation$q$),
('MembershipReadRowKey', $q$
  select c.cluster_id as DeploymentId, s.address as Address, s.port as Port, s.generation as Generation, s.silo_name as SiloName,
         s.host_name as HostName, s.status as Status, s.proxy_port as ProxyPort, s.suspect_times as SuspectTimes,
         s.start_time as StartTime, s.alive_time as IAmAliveTime, c.version as Version
  from orleans_cluster c
  left join orleans_silo s on s.cluster_id = c.cluster_id and s.address = @Address and s.port = @Port and s.generation = @Generation
  where c.cluster_id = @DeploymentId$q$),
('MembershipReadAllKey', $q$
  select c.cluster_id as DeploymentId, s.address as Address, s.port as Port, s.generation as Generation, s.silo_name as SiloName,
         s.host_name as HostName, s.status as Status, s.proxy_port as ProxyPort, s.suspect_times as SuspectTimes,
         s.start_time as StartTime, s.alive_time as IAmAliveTime, c.version as Version
  from orleans_cluster c
  left join orleans_silo s on s.cluster_id = c.cluster_id
  where c.cluster_id = @DeploymentId$q$),
('DeleteMembershipTableEntriesKey', $q$
  with s as (delete from orleans_silo where cluster_id = @DeploymentId)
  delete from orleans_cluster where cluster_id = @DeploymentId$q$),
('GatewaysQueryKey', $q$
  select address as Address, proxy_port as ProxyPort, generation as Generation
  from orleans_silo where cluster_id = @DeploymentId and status = @Status and proxy_port > 0$q$),
('CleanupDefunctSiloEntriesKey', $q$
  delete from orleans_silo where cluster_id = @DeploymentId and alive_time < @IAmAliveTime and status = 6$q$),
('WriteToStorageKey', $q$
  with u as (
    update orleans_state set payload = @PayloadBinary, version = version + 1, modified_at = now()
    where @GrainStateVersion::int is not null and service_id = @ServiceId and state_name = @GrainTypeString
      and key = coalesce(@GrainIdExtensionString::text, '') and n0 = @GrainIdN0 and n1 = @GrainIdN1 and version = @GrainStateVersion::int
    returning version),
  i as (
    insert into orleans_state (service_id, state_name, n0, n1, key, version, payload)
    select @ServiceId, @GrainTypeString, @GrainIdN0, @GrainIdN1, coalesce(@GrainIdExtensionString::text, ''), 1, @PayloadBinary
    where @GrainStateVersion::int is null
    on conflict do nothing returning version)
  select version as NewGrainStateVersion from u union all select version from i$q$),
('ReadFromStorageKey', $q$
  select payload as PayloadBinary, version as Version from orleans_state
  where service_id = @ServiceId and state_name = @GrainTypeString
    and key = coalesce(@GrainIdExtensionString::text, '') and n0 = @GrainIdN0 and n1 = @GrainIdN1$q$),
('ClearStorageKey', $q$
  update orleans_state set payload = null, version = version + 1, modified_at = now()
  where service_id = @ServiceId and state_name = @GrainTypeString
    and key = coalesce(@GrainIdExtensionString::text, '') and n0 = @GrainIdN0 and n1 = @GrainIdN1 and version = @GrainStateVersion::int
  returning version as NewGrainStateVersion$q$);
