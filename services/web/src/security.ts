/**
 * Who may speak to this box from a browser, and what its pages may do. Pure: takes values, returns values.
 * Tested: test/security.test.ts.
 */
import { isIP } from "node:net";

/** Headers of every answer. The page asks nothing of any other origin, and no other origin may frame or embed it. */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  "content-security-policy": [
    "default-src 'self'",
    "img-src 'self' blob:",
    "media-src 'self' blob:", // MediaSource object URLs
    "connect-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'self'",
  ].join("; "),
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
};

/** Takes `name:port` or `[v6]:port` apart; the name in lower case without brackets, or undefined when it is no host. */
export function hostNameOf(hostHeader: string | undefined): string | undefined {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]\s]+))(?::\d{1,5})?$/.exec(hostHeader ?? "");
  return (match?.[1] ?? match?.[2])?.toLowerCase();
}

/**
 * Says whether the Host header names this box. A foreign name that resolves to our address is how a web page on the internet
 * reaches a private server (DNS rebinding), so only names that no public DNS can give are taken, and those configured.
 */
export function isOwnHost(hostHeader: string | undefined, names: readonly string[]): boolean {
  const host = hostNameOf(hostHeader);
  if (host === undefined) {
    return false;
  }
  return isIP(host) !== 0 || host === "localhost" || host.endsWith(".local") || names.includes(host);
}

/**
 * Says whether a WebSocket may be opened or something changed: there browsers always send Origin, and it must be the page's own host; other
 * programs send none.
 */
export function isSameOrigin(origin: string | undefined, hostHeader: string | undefined): boolean {
  if (origin === undefined) {
    return true;
  }
  try {
    return new URL(origin).host === (hostHeader ?? "").toLowerCase();
  } catch {
    return false; // "null": a sandboxed frame or a file
  }
}

/** Says whether a body claims to be JSON: a page of another origin cannot send that without asking first, which is never granted. */
export function isJson(contentType: string | undefined): boolean {
  return /^application\/json\s*(;|$)/i.test(contentType ?? "");
}
