-- automation.db: one writer (services/automation). `lanthorn check` need not know it: losing it costs waiting events only.

-- Events no broker has acknowledged yet, in the order in which they happened.
create table outbox (
  -- autoincrement: ids of sent rows are never used again, so that order by id is order of time (sqlite.org/autoinc.html).
  id integer primary key autoincrement,
  topic text not null check (length(topic) > 0),
  -- JSON text, exactly as it goes out.
  payload text not null check (json_valid(payload)),
  -- Unix time in milliseconds.
  created_wall_ms integer not null,
  -- Not worth sending after this Unix time in milliseconds; null: always.
  expires_wall_ms integer
);

-- How far each camera's results ring was taken, so that a restart neither repeats nor loses an event.
create table cursors (
  camera text primary key,
  -- /proc/sys/kernel/random/boot_id: monotonic times of another boot mean nothing.
  boot_id text not null,
  -- CLOCK_MONOTONIC nanoseconds of the frame of the last event record taken.
  capture_mono_ns integer not null,
  -- JSON array of "<event id>:<phase>" taken of that frame: one frame may begin and end several events.
  phases text not null check (json_valid(phases))
) without rowid;

-- Topics at which the broker holds a retained message of a camera, to be cleared when the camera goes.
create table retained_topics (
  topic text primary key,
  camera text not null
) without rowid;
create index retained_topics_by_camera on retained_topics (camera);

-- Labels a camera has ever reported: Home Assistant keeps their entities.
create table labels (
  camera text not null,
  label text not null,
  primary key (camera, label)
) without rowid;

-- The appliance's id in unique ids; made up once.
create table appliance (
  only_row integer primary key check (only_row = 1),
  id text not null
);
