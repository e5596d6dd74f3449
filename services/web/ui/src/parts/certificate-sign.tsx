/** The fingerprint of the certificate that is kept of an RTSPS camera: its beginning, and all of it on pointing. */
import { callerWords as words } from "../strings/caller-words.ts";

const PAIRS_SHOWN = 4;

/** null: the camera has shown none. */
export function CertificateSign({ sha256 }: { sha256: string | null }) {
  if (sha256 === null) {
    return null;
  }
  const pairs = sha256.toUpperCase().match(/../g) ?? [];
  return (
    <details class="certificate small" title={words.certificateOf(pairs.join(":"))}>
      <summary class="muted">
        {words.certificate} <span class="number">{pairs.slice(0, PAIRS_SHOWN).join(":")}…</span>
      </summary>
      <span class="number">{pairs.join(":")}</span>
    </details>
  );
}
