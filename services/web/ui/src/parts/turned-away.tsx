/** The last callers that were turned away, with why: what an owner needs who mistyped a passphrase on a camera. */
import type { RejectionList } from "@lanthorn/contract";
import { useEffect, useState } from "preact/hooks";
import { ago } from "../format.ts";
import { readRejections } from "../net/api.ts";
import { callerWords as words } from "../strings/caller-words.ts";

const SHOWN = 8;

/** total: attempts so far; when it changes, the list is read anew. */
export function TurnedAway({ total }: { total: number }) {
  const [list, setList] = useState<RejectionList | undefined>(undefined);
  useEffect(() => {
    const controller = new AbortController();
    readRejections(controller.signal).then(setList, () => {}); // the count above stays true
    return () => controller.abort();
  }, [total]);
  if (list === undefined || list.rejections.length === 0) {
    return null;
  }
  const { rejections, serverWallUs } = list;
  const hidden = rejections.length - SHOWN;
  return (
    <ul class="turned-away small" aria-label={words.title}>
      {rejections.slice(0, SHOWN).map(({ code, count, lastWallUs, peerHost, reason, streamId }) => (
        <li key={`${peerHost} ${streamId} ${code} ${reason}`}>
          <span class="number">{peerHost}</span>
          <span class="called">{streamId === "" ? words.noName : streamId}</span>
          <span class="why">
            {reason} <span class="faint number">({code})</span>
          </span>
          <span class="muted number when">
            {ago(lastWallUs, serverWallUs)}, {words.times(count)}
          </span>
        </li>
      ))}
      {hidden > 0 && <li class="muted">{words.more(hidden)}</li>}
    </ul>
  );
}
