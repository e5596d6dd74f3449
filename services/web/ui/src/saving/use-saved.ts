/** Exports and clips as the box has them, asked again and again: nothing on the page is said that the box has not said. */
import type { Clip, ExportKey } from "@lanthorn/contract";
import { useEffect, useRef, useState } from "preact/hooks";
import { type ExportListing, readClips, readExportKey, readExports } from "../net/saving-api.ts";
import { connection } from "../state/box.ts";

/** What is known. */
export interface Saved {
  /** undefined: the box has not answered yet. */
  readonly exports: ExportListing | undefined;
  readonly clips: readonly Clip[] | undefined;
  readonly key: ExportKey | undefined;
  /** Why the last question was not answered; what was known before is still there. */
  readonly fault: string | undefined;
}

/** While something is being made its progress is to be seen. */
const BUSY_MS = 1000;
const CALM_MS = 5000;
const PAGE = 50;
const MOST = 1000; // the box's own limit of one answer

/** See above. */
export function useSaved(): Saved & { readonly again: () => Promise<void>; readonly more: () => void } {
  const [saved, setSaved] = useState<Saved>({ exports: undefined, clips: undefined, key: undefined, fault: undefined });
  const [limit, setLimit] = useState(PAGE);
  const known = useRef(saved);
  known.current = saved;
  const read = async (signal?: AbortSignal) => {
    try {
      const [exports, { clips }] = await Promise.all([readExports(limit, signal), readClips(signal)]);
      const key = known.current.key ?? (await readExportKey(signal));
      setSaved({ exports, clips, key, fault: undefined });
    } catch (error) {
      if (signal?.aborted !== true) {
        setSaved({ ...known.current, fault: (error as Error).message });
      }
    }
  };
  const isConnected = connection.value === "open";
  useEffect(() => {
    const controller = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const round = async () => {
      if (document.visibilityState === "visible") {
        await read(controller.signal);
      }
      if (!controller.signal.aborted) {
        const { exports } = known.current;
        const isBusy = exports !== undefined && exports.running + exports.queued > 0;
        timer = setTimeout(() => void round(), isBusy ? BUSY_MS : CALM_MS);
      }
    };
    void round();
    return () => {
      controller.abort();
      clearTimeout(timer);
    };
  }, [limit, isConnected]);
  return { ...saved, again: () => read(), more: () => setLimit(Math.min(limit + PAGE, MOST)) };
}
