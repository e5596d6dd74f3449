/**
 * Version 2: finding. Events get ids that sort by time; their zones, words and counts, and what is recorded, get tables that
 * triggers keep. Frozen: the statements are those of schema.sql as it was at version 2. Cost: every event is written anew.
 */
import type { Database } from "better-sqlite3";
import { firstEventId } from "./event-id.ts";

const SETTING_ASIDE = `
drop index event_by_camera;
drop index event_by_label;
drop index event_by_time;
drop index event_going_on;
alter table event rename to event_v1;
alter table thumbnail rename to thumbnail_v1;
`;

const VERSION_2 = `
create table coverage (
  camera_id integer not null references camera (id),
  quarter integer not null,
  recorded_us integer not null check (recorded_us > 0),
  primary key (camera_id, quarter)
) strict, without rowid;
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
create trigger coverage_deleting after update of state on segment when old.state = 'closed' and new.state <> 'closed' begin
  delete from coverage where camera_id = old.camera_id
    and quarter between old.start_wall_us / 900000000 and (old.end_wall_us - 1) / 900000000
    and recorded_us = min(old.end_wall_us, (quarter + 1) * 900000000) - max(old.start_wall_us, quarter * 900000000);
  update coverage set recorded_us = recorded_us
    - (min(old.end_wall_us, (quarter + 1) * 900000000) - max(old.start_wall_us, quarter * 900000000))
  where camera_id = old.camera_id
    and quarter between old.start_wall_us / 900000000 and (old.end_wall_us - 1) / 900000000;
end;
create table event (
  id integer primary key,
  uuid text not null unique check (length(uuid) between 1 and 64),
  camera_id integer not null references camera (id),
  track_id text not null,
  label text not null,
  start_wall_us integer not null,
  end_wall_us integer check (end_wall_us >= start_wall_us),
  last_wall_us integer not null check (last_wall_us >= start_wall_us),
  end_assumed integer not null default 0 check (end_assumed in (0, 1)),
  box_x real not null check (box_x between 0 and 1),
  box_y real not null check (box_y between 0 and 1),
  box_width real not null check (box_width between 0 and 1),
  box_height real not null check (box_height between 0 and 1),
  score01 real not null check (score01 between 0 and 1),
  top_score01 real not null check (top_score01 between 0 and 1),
  zones text not null default '[]' check (json_valid(zones) and json_type(zones) = 'array'),
  model text not null
) strict;
create index event_by_camera on event (camera_id);
create index event_by_label on event (label);
create index event_by_camera_and_label on event (camera_id, label);
create index event_going_on on event (camera_id) where end_wall_us is null;
create table event_zone (
  zone text not null,
  event_id integer not null,
  primary key (zone, event_id)
) strict, without rowid;
create virtual table event_text using fts5 (camera_key, label, zones, model,
  content = '', contentless_delete = 1, detail = column, tokenize = 'unicode61 remove_diacritics 2');
create table activity (
  width_s integer not null check (width_s in (60, 900, 3600, 86400)),
  camera_id integer not null,
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
create table thumbnail (
  event_id integer primary key references event (id) on delete cascade,
  pack_day integer not null,
  offset_bytes integer not null check (offset_bytes >= 0),
  jpeg_bytes integer not null check (jpeg_bytes > 0),
  capture_wall_us integer not null,
  width_px integer not null check (width_px > 0),
  height_px integer not null check (height_px > 0)
) strict;
`;

/** Streams: a constraint changes with its table only. Foreign keys are off while a step runs (migrations.ts). */
const CAMERA_STREAMS = `
create temp table camera_v1 as select id, slug from camera;
drop table camera;
create table camera (
  id integer primary key,
  slug text not null check (length(slug) between 1 and 31 and slug not glob '*[^a-z0-9-]*'),
  stream text not null default 'main' check (stream in ('main', 'sub')),
  unique (slug, stream)
) strict;
insert into camera (id, slug) select id, slug from camera_v1;
drop table camera_v1;
`;

/** More causes: a check constraint changes with its table only. */
const MORE_GAP_CAUSES = `
drop index gap_by_camera;
drop index gap_going_on;
alter table gap rename to gap_v1;
create table gap (
  id integer primary key,
  camera_id integer not null references camera (id),
  start_wall_us integer not null,
  end_wall_us integer check (end_wall_us > start_wall_us),
  cause text not null check (cause in ('camera-disabled', 'privacy', 'not-scheduled', 'no-event', 'camera-disconnected',
    'discontinuity', 'stream-unusable', 'clock-jump', 'ingest-restart', 'ring-overrun', 'disk-full', 'disk-error',
    'service-restart', 'machine-restart', 'file-lost', 'expired', 'unknown'))
) strict;
create index gap_by_camera on gap (camera_id, start_wall_us);
create unique index gap_going_on on gap (camera_id) where end_wall_us is null;
insert into gap select id, camera_id, start_wall_us, end_wall_us, cause from gap_v1;
drop table gap_v1;
`;

/** Several disks, and clips that are kept. */
const DISKS_AND_CLIPS = `
create table disk (
  id integer primary key,
  uuid text not null unique check (length(uuid) between 1 and 64),
  directory text not null,
  state text not null default 'present' check (state in ('present', 'missing'))
) strict;
insert into disk (id, uuid, directory) values (1, lower(hex(randomblob(16))), '.');
create table clip (
  id integer primary key,
  uuid text not null unique check (length(uuid) between 1 and 64),
  name text not null check (length(name) between 1 and 200),
  start_wall_us integer not null,
  end_wall_us integer not null check (end_wall_us > start_wall_us),
  created_wall_us integer not null
) strict;
create table clip_camera (
  clip_id integer not null references clip (id) on delete cascade,
  camera text not null check (length(camera) between 1 and 31 and camera not glob '*[^a-z0-9-]*'),
  primary key (clip_id, camera)
) strict, without rowid;
alter table segment add column disk_id integer not null default 1 references disk (id);
drop index segment_by_age;
create index segment_by_age on segment (disk_id, end_wall_us) where state = 'closed';
`;

/** Coverage of what is closed already; the triggers only see what changes. */
const FILLING_COVERAGE = `
insert into coverage
select camera_id, start_wall_us / 900000000 + n, sum(min(end_wall_us, (start_wall_us / 900000000 + n + 1) * 900000000)
  - max(start_wall_us, (start_wall_us / 900000000 + n) * 900000000))
from segment, (select 0 as n union all select 1 union all select 2 union all select 3 union all select 4)
where state = 'closed' and start_wall_us < end_wall_us and (start_wall_us / 900000000 + n) * 900000000 < end_wall_us
group by 1, 2;
`;

const COPYING_EVENT = `
insert into event (id, uuid, camera_id, track_id, label, start_wall_us, end_wall_us, last_wall_us, end_assumed, box_x, box_y,
  box_width, box_height, score01, top_score01, zones, model)
select @newId, uuid, camera_id, track_id, label, start_wall_us, end_wall_us, last_wall_us, end_assumed, box_x, box_y,
  box_width, box_height, score01, top_score01, zones, model
from event_v1 where id = @id;
`;

const COPYING_PICTURES = `
insert into thumbnail (event_id, pack_day, offset_bytes, jpeg_bytes, capture_wall_us, width_px, height_px)
select event.id, pack_day, offset_bytes, jpeg_bytes, capture_wall_us, width_px, height_px
from thumbnail_v1 join event_v1 on event_v1.id = event_id join event on event.uuid = event_v1.uuid;
drop table thumbnail_v1;
drop table event_v1;
`;

/** Exports. */
const EXPORTS = `
create table export (
  id integer primary key,
  uuid text not null unique check (length(uuid) = 36),
  name text not null check (length(name) between 1 and 200),
  cameras text not null check (json_valid(cameras) and json_type(cameras) = 'array'),
  stream text not null check (stream in ('main', 'sub')),
  from_wall_us integer not null,
  to_wall_us integer not null check (to_wall_us > from_wall_us),
  mode text not null check (mode in ('original', 'burned-time')),
  options text not null check (json_valid(options) and json_type(options) = 'object'),
  state text not null check (state in ('queued', 'running', 'done', 'failed', 'cancelled')),
  progress01 real not null check (progress01 between 0 and 1),
  bytes integer not null check (bytes >= 0),
  files text not null check (json_valid(files) and json_type(files) = 'array'),
  error_code text check ((error_code is null) = (error_message is null)),
  error_message text,
  created_wall_us integer not null,
  finished_wall_us integer,
  check ((state in ('queued', 'running')) = (finished_wall_us is null)),
  check (state <> 'failed' or error_code is not null)
) strict;
create index export_unfinished on export (state) where state in ('queued', 'running');
`;

/** Embeddings of events. */
const EMBEDDINGS = `
create table embedding_model (
  id integer primary key,
  name text not null check (length(name) between 1 and 64),
  version text not null check (length(version) between 1 and 64),
  dims integer not null check (dims between 8 and 2048),
  unique (name, version, dims)
) strict;
create table embedding (
  id integer primary key autoincrement,
  event_id integer not null unique references event (id) on delete cascade,
  model_id integer not null references embedding_model (id),
  capture_wall_us integer not null,
  vector blob not null check (length(vector) between 8 and 2048)
) strict;
create index embedding_by_model on embedding (model_id);
`;

/** Brings a database from version 1 to version 2; runs inside a transaction. */
export function v1ToV2(database: Database): void {
  database.exec(CAMERA_STREAMS);
  database.exec(SETTING_ASIDE);
  database.exec(VERSION_2);
  database.exec(MORE_GAP_CAUSES);
  database.exec(DISKS_AND_CLIPS);
  database.exec(EXPORTS);
  database.exec(EMBEDDINGS);
  database.exec(FILLING_COVERAGE);
  const events = database.prepare<[], { id: number; startWallUs: number }>(
    "select id, start_wall_us as startWallUs from event_v1 order by start_wall_us, id",
  );
  const copy = database.prepare(COPYING_EVENT);
  let newId = Number.MIN_SAFE_INTEGER;
  for (const { id, startWallUs } of events.all()) {
    newId = Math.max(newId + 1, firstEventId(startWallUs));
    copy.run({ id, newId });
  }
  database.exec(COPYING_PICTURES);
}
