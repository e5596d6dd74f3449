/** The address of a camera that listens: srt://host:port, optionally ?streamid=…&latency=<ms>. Pure. */
import { ingestErrors } from "../../error-codes.ts";

/** What to call. */
export interface CallAddress {
  readonly host: string;
  readonly port: number;
  readonly streamId: string | undefined;
  readonly latencyMs: number | undefined;
}

/** Throws: SOURCE_URL_INVALID, without the query, which might hold what people take for a password. */
export function parseCallAddress(camera: string, url: string): CallAddress {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const port = Number(parsed?.port);
  if (parsed === undefined || parsed.protocol !== "srt:" || parsed.hostname === "" || !(port >= 1 && port <= 65_535)) {
    throw ingestErrors.make("SOURCE_URL_INVALID", { camera, received: url.split("?")[0] });
  }
  const latencyMs = Number(parsed.searchParams.get("latency"));
  return {
    host: parsed.hostname.replace(/^\[(.*)\]$/, "$1"),
    port,
    streamId: parsed.searchParams.get("streamid") ?? undefined,
    latencyMs: Number.isInteger(latencyMs) && latencyMs > 0 ? latencyMs : undefined,
  };
}
