/** Version 2: sub-streams, what of each camera is recorded, ports of their own, and kept certificates. Frozen: the columns are those of schema.sql as it was at version 2. */
import type { Database } from "better-sqlite3";

const VERSION_2 = `
alter table camera add column sub_source_url text
  check (sub_source_url is null or (length(sub_source_url) between 1 and 1024 and source_kind <> 'srt-listener'));
alter table camera add column recording text not null default '{}'
  check (json_valid(recording) and json_type(recording) = 'object');
alter table camera add column source_port integer
  check (source_port is null or (source_port between 1024 and 65535 and source_kind = 'srt-listener'));
alter table camera add column certificate_sha256 text
  check (certificate_sha256 is null or (length(certificate_sha256) = 64 and certificate_sha256 not glob '*[^0-9a-f]*' and source_kind = 'rtsp'));
create unique index camera_source_port on camera (source_port);
`;

/** Brings a registry from version 1 to version 2; runs inside a transaction. */
export function v1ToV2(database: Database): void {
  database.exec(VERSION_2);
}
