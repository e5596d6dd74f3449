/** Asks what a selection holds, again whenever the question changes. */
import { useEffect, useState } from "preact/hooks";
import { type CameraContents, readContents } from "../saving/contents.ts";
import type { Selection } from "../saving/selection.ts";
import { boxNowUs, connection } from "../state/box.ts";

/** contents undefined: not known yet. fault: why it cannot be told, in the box's words. */
export interface ContentsState {
  readonly contents: readonly CameraContents[] | undefined;
  readonly fault: string | undefined;
}

const SETTLE_MS = 300;

/** See above; undefined: there is nothing to ask. */
export function useContents(cameras: readonly string[], selection: Selection | undefined): ContentsState {
  const [state, setState] = useState<ContentsState>({ contents: undefined, fault: undefined });
  const asked = cameras.join(" ");
  const isConnected = connection.value === "open";
  useEffect(() => {
    setState({ contents: undefined, fault: undefined });
    if (selection === undefined || cameras.length === 0) {
      return;
    }
    const controller = new AbortController();
    const read = async () => {
      try {
        const { signal } = controller;
        const contents = await Promise.all(cameras.map((each) => readContents(each, selection, boxNowUs(), signal)));
        setState({ contents, fault: undefined });
      } catch (error) {
        if (!controller.signal.aborted) {
          setState({ contents: undefined, fault: (error as Error).message });
        }
      }
    };
    const timer = setTimeout(() => void read(), SETTLE_MS);
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [asked, selection?.fromUs, selection?.toUs, isConnected]);
  return state;
}
