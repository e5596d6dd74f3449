/** Words about callers that were turned away, and about the certificates that cameras show. */

/** See above. */
export const callerWords = {
  title: "Last turned away",
  times: (count: number) => (count === 1 ? "once" : `${count} times`),
  noName: "no stream id",
  more: (count: number) => `and ${count} more`,
  certificate: "Certificate",
  certificateOf: (sha256: string) =>
    `SHA-256 of the certificate that this camera showed first, and must show since: ${sha256}. Compare it with what the camera's own page shows.`,
};
