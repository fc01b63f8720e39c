-- Who speaks: how a device proves who it is, who speaks for it, and who is not known yet.

alter table device drop constraint device_check;
alter table device
  add constraint device_owner check (num_nonnulls(asset_id, keeper_id) <= 1),
  -- scrypt$… or, for those who log in by a token alone, sha256$…; null: it cannot log in by itself
  add column secret_hash text,
  -- the login that speaks for it: a concentrator, a bridge, a phone's user; null: only itself
  add column via text,
  add column state text not null default 'active' check (state in ('active', 'revoked')),
  add column created_at timestamptz not null default now(),
  add column changed_at timestamptz not null default now();
create index device_via on device (via) where via is not null;
create unique index device_token on device (secret_hash) where secret_hash like 'sha256$%';

-- One row: grows with every change of a device, so that a gateway that missed the word of it on the bus notices.
create table device_version (
  only_row  boolean primary key default true check (only_row),
  version   bigint not null
);
insert into device_version (version) values (1);
create function bump_device_version() returns trigger language plpgsql as $$
begin
  update device_version set version = version + 1;
  return null;
end $$;
create trigger device_changed after insert or update or delete on device
  for each statement execute function bump_device_version();

-- Unknown speakers, by the key they speak under and the login they came with ('' for none). What they present is kept hashed: whoever is adopted may
-- go on with the secret it has.
create table quarantine (
  key          text not null,
  login        text not null,
  secret_hash  text,
  protocol     text not null,
  source       text not null,
  address      text,
  topic        text not null,
  sample       bytea not null,
  messages     bigint not null,
  first_seen   timestamptz not null,
  last_seen    timestamptz not null,
  primary key (key, login)
);
create procedure forget_strangers(job_id int, config jsonb) language sql as $$
  delete from quarantine where last_seen < now() - interval '30 days'
$$;
select add_job('forget_strangers', interval '1 day');

-- Who changed what about a device, written in the transaction of the change. Outlives the device; holds no secret, hashed or not.
create table device_change (
  id          bigint generated always as identity primary key,
  at          timestamptz not null default now(),
  device_key  text not null,
  account     text not null,
  change      text not null,
  detail      jsonb
);
create index device_change_device on device_change (device_key, id);

-- A dead letter may be tried again after what refused it was mended. The login it came with is needed for that.
-- Taken: by a gateway that runs it again now; if it dies on the way, another one takes it after a minute.
alter table dead_letter
  add column login text,
  add column rerun_requested_at timestamptz,
  add column rerun_taken_at timestamptz,
  add column rerun_at timestamptz,
  add column rerun_outcome text;
create index dead_letter_rerun on dead_letter (rerun_requested_at) where rerun_requested_at is not null and rerun_at is null;
