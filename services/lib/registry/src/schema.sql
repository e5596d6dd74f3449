-- registry.db, schema version 2: which cameras exist, and their keys.
-- One process writes (services/cameras); every other opens it read-only. See docs/design/registry.md.
--
-- journal_mode is DELETE, not WAL: a WAL reader must be able to write the -shm file, and readers live in sandboxes
-- where this directory is read-only. https://sqlite.org/wal.html#read_only_databases
-- Tables are STRICT: https://sqlite.org/stricttables.html

-- A camera, as everyone may know it: no secret in here.
create table camera (
  -- Slug, chosen when it is registered, never changed: part of paths, topics and ring names (contract CameraId).
  id text not null primary key
    check (length(id) between 1 and 31 and id not glob '*[^a-z0-9-]*' and id not glob '-*'),

  -- Shown to people; may change at any time.
  name text not null check (length(name) between 1 and 64),

  -- How its stream reaches the box (contract CameraSource).
  source_kind text not null check (source_kind in ('srt-listener', 'srt-caller', 'rtsp')),

  -- Where we call it; null where it calls us. Without user, password or passphrase: those are secrets.
  source_url text check (length(source_url) between 1 and 1024),

  -- What an SRT caller says it is. 512 bytes is SRTO_STREAMID's limit.
  stream_id text not null unique check (length(cast(stream_id as blob)) between 1 and 512),

  -- 1: its stream is taken; 0: it is turned away, its history stays.
  enabled integer not null check (enabled in (0, 1)),

  -- When it was registered: Unix time in microseconds.
  created_wall_us integer not null check (created_wall_us > 0),

  -- Where its sub-stream is called, like source_url. Null: it has none, or (srt-listener) calls us as its stream id and /sub.
  sub_source_url text check (sub_source_url is null or (length(sub_source_url) between 1 and 1024 and source_kind <> 'srt-listener')),

  -- What of it is recorded and for how long, as JSON (contract RecordingSettings); what is not in it has its default.
  recording text not null default '{}' check (json_valid(recording) and json_type(recording) = 'object'),

  -- A UDP port that is this camera's alone (srt-listener), for encoders that cannot send a stream id. Null: the common port.
  source_port integer check (source_port is null or (source_port between 1024 and 65535 and source_kind = 'srt-listener')),

  -- SHA-256 of the certificate that a camera by rtsps:// must show, hex. Null: the first that it shows is kept.
  certificate_sha256 text check (certificate_sha256 is null or (length(certificate_sha256) = 64 and certificate_sha256 not glob '*[^0-9a-f]*' and source_kind = 'rtsp')),

  check ((source_kind = 'srt-listener') = (source_url is null))
) strict;

-- A port tells which camera calls, so no two cameras may have the same one.
create unique index camera_source_port on camera (source_port);

-- What must never be seen at rest: a row a secret.
create table camera_secret (
  camera_id text not null references camera (id) on delete cascade,

  -- Which secret. passphrase: of SRT. next-passphrase: also valid, becomes passphrase once it has been used.
  -- user, password: of RTSP.
  field text not null check (field in ('passphrase', 'next-passphrase', 'user', 'password')),

  -- AES-256-GCM under the device key; associated data: camera_id and field, so that a row moved to another camera
  -- does not open. Layout: u8 version 1, 12 bytes nonce, 16 bytes tag, ciphertext.
  sealed blob not null check (length(sealed) > 29 and length(sealed) < 1024),

  -- When it was set: Unix time in microseconds.
  changed_wall_us integer not null check (changed_wall_us > 0),

  primary key (camera_id, field)
) strict, without rowid;
