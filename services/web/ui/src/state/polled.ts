/** Asks the box for something again and again while a page shows it; the last good answer stays. */
import { useEffect, useRef, useState } from "preact/hooks";

/** What is known. */
export interface Polled<T> {
  readonly value: T | undefined;
  /** Why the newest question was not answered; undefined when it was. */
  readonly fault: string | undefined;
  /** Asks now. */
  readonly refresh: () => void;
}

/** See above. Not while the page is hidden. */
export function usePolled<T>(read: (signal: AbortSignal) => Promise<T>, everyMs: number): Polled<T> {
  const [value, setValue] = useState<T | undefined>(undefined);
  const [fault, setFault] = useState<string | undefined>(undefined);
  const ask = useRef<() => void>(() => {});
  useEffect(() => {
    const controller = new AbortController();
    ask.current = async () => {
      try {
        setValue(await read(controller.signal));
        setFault(undefined);
      } catch (error) {
        if (!controller.signal.aborted) {
          setFault((error as Error).message);
        }
      }
    };
    ask.current();
    const timer = setInterval(() => document.visibilityState === "visible" && ask.current(), everyMs);
    return () => {
      clearInterval(timer);
      controller.abort();
    };
  }, []);
  return { value, fault, refresh: () => ask.current() };
}
