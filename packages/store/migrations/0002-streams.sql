-- What moves: present states, fixes, events, alarms, dead letters. Readings have one table a kind, made from the kinds' definitions.

-- Newest device time wins. Updated in place all day: room for heap-only updates.
create table asset_state (
  asset_id     int primary key references asset,
  time         timestamptz not null,
  received_at  timestamptz not null,
  message_id   bigint not null,
  values       jsonb not null,
  flags        int not null
) with (fillfactor = 60);

create table keeper_state (
  keeper_id    int primary key references keeper,
  time         timestamptz not null,
  received_at  timestamptz not null,
  message_id   bigint not null,
  lon          double precision not null,
  lat          double precision not null,
  alt_m        real,
  accuracy_m   real,
  speed_mps    real,
  bearing_deg  real,
  battery_pct  real,
  flags        int not null
) with (fillfactor = 60);

-- What a device said of its own connection (last will).
create table device_status (
  device_key   text primary key references device on update cascade on delete cascade,
  online       boolean not null,
  received_at  timestamptz not null
);

create table fix (
  keeper_id    int not null,
  time         timestamptz not null,
  message_id   bigint not null,
  received_at  timestamptz not null,
  lon          double precision not null,
  lat          double precision not null,
  alt_m        real,
  accuracy_m   real,
  speed_mps    real,
  bearing_deg  real,
  battery_pct  real,
  flags        int not null,
  claimed_ms   double precision,
  primary key (keeper_id, time, message_id)
);
select create_hypertable('fix', by_range('time', interval '1 day'), create_default_indexes => false);
alter table fix set (timescaledb.compress, timescaledb.compress_segmentby = 'keeper_id', timescaledb.compress_orderby = 'time desc, message_id');

create table device_event (
  asset_id     int,
  keeper_id    int,
  device_key   text not null,
  time         timestamptz not null,
  message_id   bigint not null,
  received_at  timestamptz not null,
  event        text not null,
  data         jsonb,
  flags        int not null,
  claimed_ms   double precision,
  primary key (device_key, time, message_id)
);
select create_hypertable('device_event', by_range('time', interval '7 days'), create_default_indexes => false);
create index device_event_asset on device_event (asset_id, time desc);

-- A message whose clock is absurd stands at its arrival time, which differs each time it is sent again. Its claim tells that it is the same one.
-- A device may number its readings, fixes and events apart from each other: the channel is part of the claim.
create table claimed_message (
  device_key  text not null,
  channel     text not null,
  claimed_ms  double precision not null,
  message_id  bigint not null,
  stored_at   timestamptz not null,
  primary key (device_key, channel, claimed_ms, message_id)
);
create index claimed_message_stored on claimed_message (stored_at);

create procedure forget_claimed_messages(job_id int, config jsonb) language sql as $$
  delete from claimed_message where stored_at < now() - interval '90 days'
$$;
select add_job('forget_claimed_messages', interval '1 day');

create table alarm (
  id               bigint generated always as identity primary key,
  asset_id         int not null references asset,
  rule             text not null,
  severity         text not null check (severity in ('attention', 'warning', 'critical')),
  metric           text,
  value            double precision,
  raised_at        timestamptz not null,
  cleared_at       timestamptz,
  acknowledged_at  timestamptz,
  acknowledged_by  text
);
create unique index alarm_open on alarm (asset_id, rule) where cleared_at is null;
create index alarm_raised on alarm (raised_at);

create table dead_letter (
  id           bigint generated always as identity,
  received_at  timestamptz not null,
  source       text not null,
  topic        text not null,
  client       text,
  reason       text not null,
  detail       text,
  size         int not null,
  bytes        bytea not null,
  primary key (id, received_at)
);
select create_hypertable('dead_letter', by_range('received_at', interval '7 days'), create_default_indexes => false);
create index dead_letter_time on dead_letter (received_at desc);
