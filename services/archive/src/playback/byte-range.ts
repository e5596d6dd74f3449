/** Range requests of one range. Source: RFC 9110 §14. */
import type { FastifyReply } from "fastify";
import { archiveErrors } from "../error-codes.ts";

/** Bytes from first up to end. */
export interface ByteRange {
  readonly first: number;
  readonly end: number;
}

/**
 * Reads a Range header of one range; undefined when everything is to be sent: there is none, there are several, or it is no range of
 * bytes (§14.2 allows to ignore it). "unsatisfiable": none of these bytes exists.
 */
export function parseRange(header: string | undefined, bytes: number): ByteRange | "unsatisfiable" | undefined {
  const match = /^bytes=[ \t]*(\d*)-(\d*)[ \t]*$/i.exec(header?.trim() ?? "");
  const [, from = "", to = ""] = match ?? [];
  if (from === "" && to === "") {
    return undefined;
  }
  if (from === "") {
    return Number(to) === 0 || bytes === 0 ? "unsatisfiable" : { first: Math.max(0, bytes - Number(to)), end: bytes };
  }
  if (to !== "" && BigInt(to) < BigInt(from)) {
    return undefined; // §14.1.1: a last position below the first is no range
  }
  const first = Number(from);
  return first >= bytes ? "unsatisfiable" : { first, end: to === "" ? bytes : Math.min(bytes, Number(to) + 1) };
}

/**
 * What of `bytes` bytes is to be sent: all, or the range asked for, with status and headers of either.
 * Throws: ARCHIVE_RANGE_INVALID, with the length in Content-Range (§15.5.17).
 */
export function sendRange(reply: FastifyReply, header: string | undefined, bytes: number): ByteRange {
  const asked = parseRange(header, bytes);
  if (asked === "unsatisfiable") {
    reply.header("content-range", `bytes */${bytes}`);
    throw archiveErrors.make("ARCHIVE_RANGE_INVALID", { range: header, bytes });
  }
  const range = asked ?? { first: 0, end: bytes };
  reply.status(asked === undefined ? 200 : 206).header("content-length", range.end - range.first);
  if (asked !== undefined) {
    reply.header("content-range", `bytes ${asked.first}-${asked.end - 1}/${bytes}`);
  }
  return range;
}
