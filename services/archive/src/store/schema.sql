-- archive.db: what is recorded, what is missing, what happened. Written by the archive service alone; others open it read-only.
-- Why it is so: docs/design/archive.md. Schema version: PRAGMA user_version (store/migrations.ts asserts that the steps lead to it).
--
-- Times: *_wall_us are microseconds since 1970-01-01 UTC; *_90k are 90 kHz units, the clock of MPEG.
-- Tables are STRICT: https://www.sqlite.org/stricttables.html

-- Streams of cameras that have left anything here: segments, gaps and coverage belong to a stream, events to the main one.
-- A camera removed from the registry keeps its rows as long as it has recordings.
create table camera (
  id integer primary key,
  -- CameraId: the slug in ring names, paths and URLs. Never changes.
  slug text not null check (length(slug) between 1 and 31 and slug not glob '*[^a-z0-9-]*'),
  -- Which of its streams (contract STREAMS).
  stream text not null default 'main' check (stream in ('main', 'sub')),
  unique (slug, stream)
) strict;

-- Initialisation segments (ftyp + moov), each once: most segments of a camera share one. Every file holds its own copy too.
create table init_segment (
  id integer primary key,
  sha256 blob not null unique check (length(sha256) = 32),
  bytes blob not null,
  -- RFC 6381 codec strings as in a MIME type: "avc1.64001f, mp4a.40.2".
  codecs text not null,
  width_px integer check (width_px > 0),
  height_px integer check (height_px > 0),
  has_audio integer not null check (has_audio in (0, 1))
) strict;

-- Disks that hold recordings. A disk is the uuid in its identity file (lanthorn-disk.json), wherever it is mounted.
create table disk (
  -- 1: the disk of the state directory, always there.
  id integer primary key,
  uuid text not null unique check (length(uuid) between 1 and 64),
  -- Where it was seen last; relative to the directory of archive.db ('.': the state directory itself).
  directory text not null,
  -- missing: it was not there when last looked for. Its segments stay rows, but nothing may be served from them.
  state text not null default 'present' check (state in ('present', 'missing'))
) strict;
insert into disk (id, uuid, directory) values (1, lower(hex(randomblob(16))), '.');

-- Stretches of time that somebody keeps: no segment that overlaps one is deleted to make room or because of its age.
create table clip (
  id integer primary key,
  uuid text not null unique check (length(uuid) between 1 and 64),
  -- Shown to people.
  name text not null check (length(name) between 1 and 200),
  start_wall_us integer not null,
  end_wall_us integer not null check (end_wall_us > start_wall_us),
  created_wall_us integer not null
) strict;
-- Whose footage. By slug, not by camera.id: a clip may be made of a camera that has not recorded anything yet.
create table clip_camera (
  clip_id integer not null references clip (id) on delete cascade,
  camera text not null check (length(camera) between 1 and 31 and camera not glob '*[^a-z0-9-]*'),
  primary key (clip_id, camera)
) strict, without rowid;

-- One file of recording each. Path on its disk: recordings/<slug>/<yyyy-mm-dd>/<hh-mm-ss>-<id>.mp4 of start_wall_us in UTC.
-- `autoincrement`: an id, and with it a file name, is never used twice (https://www.sqlite.org/autoinc.html).
create table segment (
  id integer primary key autoincrement,
  camera_id integer not null references camera (id),
  -- open: being written, or left so by a crash; the row promises nothing about the file but its name.
  -- closed: the file is complete and durable, and every column below is true of it.
  -- deleting: the file may or may not exist any more; nothing may be served from it.
  state text not null check (state in ('open', 'closed', 'deleting')),
  init_segment_id integer not null references init_segment (id),
  -- Wall time of media time 0 (the first key frame's decode time).
  start_wall_us integer not null,
  -- Wall time of the media's end; the next segment of an uninterrupted recording starts exactly here.
  -- Within 500 ppm (+ 100 ms) of start + duration: see docs/design/archive.md#time.
  end_wall_us integer check (end_wall_us >= start_wall_us),
  -- Media time of the primary (video) track, to the tick.
  duration_90k integer check (duration_90k > 0),
  -- Bytes before the first fragment: initialisation segment and what the file says of itself.
  header_bytes integer check (header_bytes > 0),
  -- Bytes of header and fragments: what playback may use.
  media_bytes integer check (media_bytes > header_bytes),
  -- Bytes of the whole file: media and the index at its end.
  file_bytes integer check (file_bytes >= media_bytes),
  -- Fragments in the file, and those of them that start with a key frame.
  fragments integer check (fragments > 0),
  key_fragments integer check (key_fragments between 0 and fragments),
  -- By how much the wall clock went back between the segment before and this one; 0 when it did not.
  -- Only where it is negative may a segment start before the one recorded before it ended.
  clock_jump_us integer not null default 0 check (clock_jump_us <= 0),
  -- The disk that its file lies on.
  disk_id integer not null default 1 references disk (id),
  check (state <> 'closed' or (end_wall_us is not null and duration_90k is not null and header_bytes is not null
    and media_bytes is not null and file_bytes is not null and fragments is not null and key_fragments is not null))
) strict;

-- Playback and timeline: the segments of a camera in an interval.
create index segment_by_camera on segment (camera_id, start_wall_us);
-- Recovery: what was left open or half deleted. Partial: it holds a handful of rows, whatever the archive's size.
create index segment_unsettled on segment (state) where state <> 'closed';
-- Placement: the oldest of each disk.
create index segment_by_age on segment (disk_id, end_wall_us) where state = 'closed';

-- Summary: how much is recorded in each quarter of an hour, so that months are told without reading a row a minute. Kept by
-- the triggers below in the transaction that closes or deletes a segment; `lanthorn check` (S2) compares it with the rows.
create table coverage (
  camera_id integer not null references camera (id),
  -- start of the quarter / 900 s, counted from 1970-01-01 UTC.
  quarter integer not null,
  -- Wall time of closed segments in it. More than 900 s only where the clock went back.
  recorded_us integer not null check (recorded_us > 0),
  primary key (camera_id, quarter)
) strict, without rowid;

-- A segment lasts at most an hour (SEGMENT_MAX_US), so it lies in at most 5 quarters.
create trigger coverage_adopted after insert on segment when new.state = 'closed' begin
  insert into coverage
  select new.camera_id, new.start_wall_us / 900000000 + column1,
    min(new.end_wall_us, (new.start_wall_us / 900000000 + column1 + 1) * 900000000)
      - max(new.start_wall_us, (new.start_wall_us / 900000000 + column1) * 900000000)
  from (values (0), (1), (2), (3), (4)) where (new.start_wall_us / 900000000 + column1) * 900000000 < new.end_wall_us
    and new.start_wall_us < new.end_wall_us
  on conflict do update set recorded_us = recorded_us + excluded.recorded_us;
end;
create trigger coverage_closed after update of state on segment when new.state = 'closed' and old.state <> 'closed' begin
  insert into coverage
  select new.camera_id, new.start_wall_us / 900000000 + column1,
    min(new.end_wall_us, (new.start_wall_us / 900000000 + column1 + 1) * 900000000)
      - max(new.start_wall_us, (new.start_wall_us / 900000000 + column1) * 900000000)
  from (values (0), (1), (2), (3), (4)) where (new.start_wall_us / 900000000 + column1) * 900000000 < new.end_wall_us
    and new.start_wall_us < new.end_wall_us
  on conflict do update set recorded_us = recorded_us + excluded.recorded_us;
end;
-- Rows are deleted after they were marked: `deleting` is where they leave the summary. First the quarters that end up empty.
create trigger coverage_deleting after update of state on segment when old.state = 'closed' and new.state <> 'closed' begin
  delete from coverage where camera_id = old.camera_id
    and quarter between old.start_wall_us / 900000000 and (old.end_wall_us - 1) / 900000000
    and recorded_us = min(old.end_wall_us, (quarter + 1) * 900000000) - max(old.start_wall_us, quarter * 900000000);
  update coverage set recorded_us = recorded_us
    - (min(old.end_wall_us, (quarter + 1) * 900000000) - max(old.start_wall_us, quarter * 900000000))
  where camera_id = old.camera_id
    and quarter between old.start_wall_us / 900000000 and (old.end_wall_us - 1) / 900000000;
end;

-- A stretch of time that a recording lacks, from the end of one segment to the start of the next.
create table gap (
  id integer primary key,
  camera_id integer not null references camera (id),
  -- The end of the segment before.
  start_wall_us integer not null,
  -- The start of the segment after; null while nothing has been recorded since.
  end_wall_us integer check (end_wall_us > start_wall_us),
  cause text not null check (cause in ('camera-disabled', 'privacy', 'not-scheduled', 'no-event', 'camera-disconnected',
    'discontinuity', 'stream-unusable', 'clock-jump', 'ingest-restart', 'ring-overrun', 'disk-full', 'disk-error',
    'service-restart', 'machine-restart', 'file-lost', 'expired', 'unknown'))
) strict;

create index gap_by_camera on gap (camera_id, start_wall_us);
-- At most one gap of a camera is going on.
create unique index gap_going_on on gap (camera_id) where end_wall_us is null;

-- Something that happened: one thing from when it was confirmed until it left. From the results rings.
create table event (
  -- Sorts by time: (milliseconds of start_wall_us since 2020-01-01 UTC) * 1024 + a number that makes it unique. So every index
  -- is in time's order without naming it, a span of time is a range of ids, and one id is a page's cursor whatever the filters.
  id integer primary key,
  -- The id others know: UUID version 7, given by inference.
  uuid text not null unique check (length(uuid) between 1 and 64),
  camera_id integer not null references camera (id),
  track_id text not null,
  label text not null,
  start_wall_us integer not null,
  -- Null while it goes on.
  end_wall_us integer check (end_wall_us >= start_wall_us),
  -- Capture time of the newest frame known to show it: the end, should nothing more be heard.
  last_wall_us integer not null check (last_wall_us >= start_wall_us),
  -- 1 when the end is not known but assumed: inference or the box stopped while it went on.
  end_assumed integer not null default 0 check (end_assumed in (0, 1)),
  -- The box where it was last seen, in parts of the picture: 0..1, origin top left.
  box_x real not null check (box_x between 0 and 1),
  box_y real not null check (box_y between 0 and 1),
  box_width real not null check (box_width between 0 and 1),
  box_height real not null check (box_height between 0 and 1),
  score01 real not null check (score01 between 0 and 1),
  top_score01 real not null check (top_score01 between 0 and 1),
  -- JSON array of zone names.
  zones text not null default '[]' check (json_valid(zones) and json_type(zones) = 'array'),
  model text not null
) strict;

-- Lists newest first. Each index ends in the id, as every index of a rowid table does.
create index event_by_camera on event (camera_id);
create index event_by_label on event (label);
create index event_by_camera_and_label on event (camera_id, label);
-- Recovery and the closing of events whose inference went away.
create index event_going_on on event (camera_id) where end_wall_us is null;

-- The zones of events, for lists of one zone. Kept by triggers; `lanthorn check` (S3) compares it with event.zones.
create table event_zone (
  zone text not null,
  event_id integer not null,
  primary key (zone, event_id)
) strict, without rowid;

-- The words of events: full text. Contentless: words point to ids, the text itself is in event. `detail = column`: which
-- column a word is in, not where, so no phrases. camera_key is `camera<camera.id>`: a camera's words are its id and its name, which
-- is in the registry and may change. Kept by triggers; `lanthorn check` (S4). https://www.sqlite.org/fts5.html#contentless_delete_tables
create virtual table event_text using fts5 (camera_key, label, zones, model,
  content = '', contentless_delete = 1, detail = column, tokenize = 'unicode61 remove_diacritics 2');

-- Summary: how many events began in each bucket of time, at four widths, so that the activity of any span costs as much as
-- it has buckets, not as it has events. Kept by triggers; `lanthorn check` (S1) compares it with event.
create table activity (
  -- Width of the bucket.
  width_s integer not null check (width_s in (60, 900, 3600, 86400)),
  -- camera.id, or 0: all cameras together.
  camera_id integer not null,
  -- start_wall_us / width, rounded down.
  bucket integer not null,
  label text not null,
  events integer not null check (events > 0),
  primary key (width_s, camera_id, bucket, label)
) strict, without rowid;

create view activity_width (width_s) as values (60), (900), (3600), (86400);

create trigger event_added after insert on event begin
  insert into activity select width_s, camera, new.start_wall_us / (width_s * 1000000), new.label, 1
    from activity_width, (select new.camera_id as camera union all select 0) where true
    on conflict do update set events = events + 1;
  insert or ignore into event_zone select value, new.id from json_each(new.zones);
  insert into event_text (rowid, camera_key, label, zones, model)
    values (new.id, 'camera' || new.camera_id, new.label,
      (select group_concat(value, ' ') from json_each(new.zones)), new.model);
end;
create trigger event_deleted before delete on event begin
  delete from activity where events = 1 and (width_s, camera_id, bucket, label) in
    (select width_s, camera, old.start_wall_us / (width_s * 1000000), old.label
     from activity_width, (select old.camera_id as camera union all select 0));
  update activity set events = events - 1 where (width_s, camera_id, bucket, label) in
    (select width_s, camera, old.start_wall_us / (width_s * 1000000), old.label
     from activity_width, (select old.camera_id as camera union all select 0));
  delete from event_zone where event_id = old.id and zone in (select value from json_each(old.zones));
  delete from event_text where rowid = old.id;
end;
-- A label may become better known, and zones are entered, while an event goes on; camera and start never change.
create trigger event_relabelled after update of label on event when new.label <> old.label begin
  delete from activity where events = 1 and (width_s, camera_id, bucket, label) in
    (select width_s, camera, old.start_wall_us / (width_s * 1000000), old.label
     from activity_width, (select old.camera_id as camera union all select 0));
  update activity set events = events - 1 where (width_s, camera_id, bucket, label) in
    (select width_s, camera, old.start_wall_us / (width_s * 1000000), old.label
     from activity_width, (select old.camera_id as camera union all select 0));
  insert into activity select width_s, camera, new.start_wall_us / (width_s * 1000000), new.label, 1
    from activity_width, (select new.camera_id as camera union all select 0) where true
    on conflict do update set events = events + 1;
end;
create trigger event_reworded after update of label, zones on event when new.label <> old.label or new.zones <> old.zones begin
  delete from event_zone where event_id = old.id and zone in (select value from json_each(old.zones));
  insert or ignore into event_zone select value, new.id from json_each(new.zones);
  delete from event_text where rowid = old.id;
  insert into event_text (rowid, camera_key, label, zones, model)
    values (new.id, 'camera' || new.camera_id, new.label,
      (select group_concat(value, ' ') from json_each(new.zones)), new.model);
end;

-- The best picture of an event. The JPEG lies in a pack file, thumbnails/<slug>/<yyyy-mm-dd>.jpegs, at offset: pictures of
-- a million events would make this database 10 GB, slow to back up and to check, for no gain. A better picture is
-- appended and the row points to it; what it replaced stays unused until the day's pack is deleted.
create table thumbnail (
  event_id integer primary key references event (id) on delete cascade,
  -- Day (UTC) of the pack, days since 1970-01-01.
  pack_day integer not null,
  offset_bytes integer not null check (offset_bytes >= 0),
  jpeg_bytes integer not null check (jpeg_bytes > 0),
  capture_wall_us integer not null,
  width_px integer not null check (width_px > 0),
  height_px integer not null check (height_px > 0)
) strict;

-- Models that embeddings of events were made by. Vectors of different models, or versions of one, cannot be compared.
create table embedding_model (
  id integer primary key,
  name text not null check (length(name) between 1 and 64),
  version text not null check (length(version) between 1 and 64),
  dims integer not null check (dims between 8 and 2048),
  unique (name, version, dims)
) strict;

-- What the best picture of an event shows, as a point: events that look alike are near. At most one an event. The index of
-- codes that finds them lies in memory and is made of these rows (docs/design/archive.md#similarity).
create table embedding (
  -- `autoincrement`: a better picture's row replaces the one before under a new, higher id. So rows after an id are what has changed since.
  id integer primary key autoincrement,
  event_id integer not null unique references event (id) on delete cascade,
  model_id integer not null references embedding_model (id),
  capture_wall_us integer not null,
  -- int8 values, embedding_model.dims of them (S6). Only their direction counts.
  vector blob not null check (length(vector) between 8 and 2048)
) strict;
-- Making the index in memory: the rows of a model in the order they came.
create index embedding_by_model on embedding (model_id);

-- Exports: footage as files to give away, in exports/<uuid>/. Rows stay until somebody deletes them; retention never does.
create table export (
  id integer primary key,
  -- The id others know, and the folder's name.
  uuid text not null unique check (length(uuid) = 36),
  -- For people.
  name text not null check (length(name) between 1 and 200),
  -- JSON array of camera ids. No reference: an export outlives its cameras.
  cameras text not null check (json_valid(cameras) and json_type(cameras) = 'array'),
  stream text not null check (stream in ('main', 'sub')),
  from_wall_us integer not null,
  to_wall_us integer not null check (to_wall_us > from_wall_us),
  mode text not null check (mode in ('original', 'burned-time')),
  -- JSON object: sound, timeZone.
  options text not null check (json_valid(options) and json_type(options) = 'object'),
  -- queued, running: the folder holds whole files and a work folder, or nothing yet. done: the folder is complete and durable.
  -- failed, cancelled: the folder is gone, or goes at the next start.
  state text not null check (state in ('queued', 'running', 'done', 'failed', 'cancelled')),
  -- What is made for good: a restart does not make it again.
  progress01 real not null check (progress01 between 0 and 1),
  -- Of all files, once it is done.
  bytes integer not null check (bytes >= 0),
  -- JSON array of {name, bytes, sha256, crc32}, once it is done.
  files text not null check (json_valid(files) and json_type(files) = 'array'),
  error_code text check ((error_code is null) = (error_message is null)),
  error_message text,
  created_wall_us integer not null,
  finished_wall_us integer,
  check ((state in ('queued', 'running')) = (finished_wall_us is null)),
  check (state <> 'failed' or error_code is not null)
) strict;

-- The queue. Partial: it holds a handful of rows, however many exports there are.
create index export_unfinished on export (state) where state in ('queued', 'running');
