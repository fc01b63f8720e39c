-- What stands still: grids, lines, ground, assets, keepers, devices; and who may look.

create extension if not exists timescaledb;

create table grid (
  id          int generated always as identity primary key,
  code        text not null unique,
  name        text not null,
  rank_label  text,
  parent_id   int references grid,
  households  int,
  -- GeoJSON MultiPolygon coordinates, WGS-84; null: drawn from its children
  area        jsonb
);
create index grid_parent on grid (parent_id);

create table line (
  id          int generated always as identity primary key,
  code        text not null unique,
  name        text not null,
  voltage_kv  real not null,
  laying      text not null check (laying in ('overhead', 'cable')),
  grid_id     int references grid,
  path        jsonb not null,
  towers      jsonb not null
);

create table ground_feature (
  id     int generated always as identity primary key,
  code   text not null unique,
  name   text,
  class  text not null check (class in ('river', 'road', 'village')),
  paths  jsonb not null
);

create table asset (
  id          int generated always as identity primary key,
  code        text not null unique,
  name        text not null,
  kind        text not null,
  lon         double precision not null,
  lat         double precision not null,
  grid_id     int references grid,
  attributes  jsonb not null default '{}'
);
create index asset_grid on asset (grid_id);

create table keeper (
  id       int generated always as identity primary key,
  code     text not null unique,
  name     text not null,
  post     text not null,
  phone    text,
  grid_id  int references grid
);

-- The speaker behind an asset or on a keeper.
create table device (
  key        text primary key,
  asset_id   int references asset,
  keeper_id  int references keeper,
  protocol   text not null default 'native',
  check (num_nonnulls(asset_id, keeper_id) = 1)
);
create index device_asset on device (asset_id);
create index device_keeper on device (keeper_id);

-- One row: grows with every change of the above, so that a screen knows its catalogue is old.
create table catalogue_version (
  only_row  boolean primary key default true check (only_row),
  version   int not null
);
insert into catalogue_version (version) values (1);

create table account (
  id             int generated always as identity primary key,
  name           text not null unique,
  password_hash  text not null,
  role           text not null check (role in ('leader', 'dispatcher', 'head', 'admin')),
  grid_id        int references grid
);

-- Tracks are sensitive: who looked at whose, when, why.
create table track_access (
  at         timestamptz not null default now(),
  account    text not null,
  keeper_id  int not null,
  from_time  timestamptz not null,
  to_time    timestamptz not null,
  purpose    text not null
);
create index track_access_keeper on track_access (keeper_id, at);
