-- What each writer committed last: when a COMMIT gets no answer, its own row tells whether the transaction stands. The server's word by transaction id does
-- not: after a crash it gives again those ids that it had given and not yet written.
create table commit_token (
  writer  uuid primary key,
  token   bigint not null,
  at      timestamptz not null
) with (fillfactor = 50);
