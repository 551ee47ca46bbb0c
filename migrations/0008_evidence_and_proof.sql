-- Pictures compared by what they show, and handovers proved by signatures and anchors.

alter table ticket_attachments
  -- where the viewing copy and the thumbnail of a photo lie
  add column copies jsonb,
  -- what the storage holds of an encrypted file; null when it holds the very bytes of sha256 and file_size
  add column stored_size integer,
  add column stored_sha256 char(64),
  add check (num_nulls(stored_size, stored_sha256) in (0, 2));

alter table photo_hashes
  -- PDQ quality and the hashes by which it was compared with earlier photos, none when it is too flat; null when it was
  -- compared by its bytes alone
  add column quality smallint check (quality between 0 and 100),
  add column probes text[],
  -- of those that are compared in the order of their commits: their writers wait for each other
  add column photo_no bigint generated always as identity unique;

-- the slots of a PDQ hash, 4 of 20 bits and 8 of 22, each as slot << 22 | value: what its index is made of
create function photo_tokens(hash bit(256)) returns integer[] language sql immutable strict parallel safe as $$
  select array[
    0 | substring(hash from 1 for 20)::bit(20)::integer,
    4194304 | substring(hash from 21 for 20)::bit(20)::integer,
    8388608 | substring(hash from 41 for 20)::bit(20)::integer,
    12582912 | substring(hash from 61 for 20)::bit(20)::integer,
    16777216 | substring(hash from 81 for 22)::bit(22)::integer,
    20971520 | substring(hash from 103 for 22)::bit(22)::integer,
    25165824 | substring(hash from 125 for 22)::bit(22)::integer,
    29360128 | substring(hash from 147 for 22)::bit(22)::integer,
    33554432 | substring(hash from 169 for 22)::bit(22)::integer,
    37748736 | substring(hash from 191 for 22)::bit(22)::integer,
    41943040 | substring(hash from 213 for 22)::bit(22)::integer,
    46137344 | substring(hash from 235 for 22)::bit(22)::integer
  ]
$$;

-- how each picture is known to later ones: the PDQ hashes of the whole and of its crops. Narrow, since whole searches pass over it
create table photo_fingerprints (
  photo_no bigint not null,
  hash bit(256) not null
);
create index idx_photo_fingerprints_photo on photo_fingerprints (photo_no);
create index idx_photo_fingerprints_tokens on photo_fingerprints using gin (photo_tokens(hash)) with (fastupdate = off);

-- every public key that ever signed; the private one is in a file outside. A key that took over is signed by both.
create table signing_keys (
  key_id text primary key,
  public_key text not null,
  valid_from timestamptz not null,
  endorsed_by text references signing_keys (key_id),
  signed_by_older text,
  signed_by_newer text,
  introduced_at timestamptz not null default clock_timestamp(),
  check (num_nulls(endorsed_by, signed_by_older, signed_by_newer) in (0, 3))
);

alter table handover_snapshots
  add column key_id text references signing_keys (key_id),
  add column signature text,
  add column signed_at timestamptz,
  add check (num_nulls(key_id, signature, signed_at) in (0, 3));

-- what is known to lie in anchor storage: heads of chains, written there create-only
create table snapshot_anchors (
  project_id text not null,
  seq bigint not null check (seq > 0),
  chain_hash char(64) not null,
  key_id text not null references signing_keys (key_id),
  signature text not null,
  anchored_at timestamptz not null,
  primary key (project_id, seq, chain_hash)
);
-- those of them that also bear an RFC 3161 time stamp there
create table snapshot_anchor_stamps (
  project_id text not null,
  seq bigint not null,
  chain_hash char(64) not null,
  stamped_at timestamptz not null default now(),
  primary key (project_id, seq, chain_hash),
  foreign key (project_id, seq, chain_hash) references snapshot_anchors
);

create function refuse_change_of_proof() returns trigger language plpgsql as $$
begin
  raise exception '% only grows: % refused', tg_table_name, tg_op using errcode = 'restrict_violation';
end
$$;
create trigger signing_keys_only_grow before update or delete on signing_keys
  for each row execute function refuse_change_of_proof();
create trigger signing_keys_are_not_truncated before truncate on signing_keys
  for each statement execute function refuse_change_of_proof();
create trigger snapshot_anchors_only_grow before update or delete on snapshot_anchors
  for each row execute function refuse_change_of_proof();
create trigger snapshot_anchors_are_not_truncated before truncate on snapshot_anchors
  for each statement execute function refuse_change_of_proof();
create trigger snapshot_anchor_stamps_only_grow before update or delete on snapshot_anchor_stamps
  for each row execute function refuse_change_of_proof();
create trigger snapshot_anchor_stamps_are_not_truncated before truncate on snapshot_anchor_stamps
  for each statement execute function refuse_change_of_proof();
