/** One disk: a bar of what takes its room, the same in words, and plainly so when it is not there. */
import type { ArchiveStorage } from "@lanthorn/contract";
import { bytes } from "../format.ts";
import { Icon } from "../icons.tsx";
import { type DiskParts, STATE_DISK_ID } from "../settings/storage.ts";
import { strings } from "../strings.ts";

const words = strings.storage;

/** See above. index: which disk it is, from 0. */
export function DiskCard(props: { disk: ArchiveStorage["disks"][number]; index: number; parts: DiskParts["parts"] }) {
  const { disk, index, parts } = props;
  const isMissing = disk.state === "missing";
  const freeForUs = parts.find(({ use }) => use === "free")?.bytes ?? 0;
  const shown = parts.filter((part) => part.bytes > 0);
  return (
    <article class={`card disk-card ${isMissing ? "missing" : ""}`} data-disk={disk.id} data-state={disk.state}>
      <header>
        <Icon name={isMissing ? "alert" : "disk"} />
        <div>
          <h2>{disk.id === STATE_DISK_ID ? words.stateDisk : words.otherDisk(index + 1)}</h2>
          <p class="faint small disk-path">{disk.directory}</p>
        </div>
        <span class="push" />
        {isMissing ? (
          <span class="chip bad">{words.missing}</span>
        ) : (
          <span class="number disk-room">{words.room(bytes(disk.freeBytes), bytes(disk.totalBytes))}</span>
        )}
      </header>
      {isMissing ? (
        <p class="small">{words.missingText}</p>
      ) : (
        <>
          <div class="disk-bar" aria-hidden="true">
            {shown.map(({ use, bytes: count }) => (
              <span
                key={use}
                class={`use-${use}`}
                style={{ flexGrow: count / Math.max(1, disk.totalBytes) }}
                title={`${words.uses[use]}: ${bytes(count)}`}
              />
            ))}
          </div>
          <ul class="disk-uses small">
            {shown.map(({ use, bytes: count }) => (
              <li key={use} data-use={use}>
                <span class={`swatch use-${use}`} aria-hidden="true" />
                <span>{words.uses[use]}</span>
                <span class="number muted">{bytes(count)}</span>
              </li>
            ))}
          </ul>
          {freeForUs === 0 && <p class="small muted">{words.full}</p>}
          {!disk.inUse && <p class="small muted">{`${words.unused}. ${words.unusedText}`}</p>}
        </>
      )}
    </article>
  );
}
