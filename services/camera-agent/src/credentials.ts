/** What the camera was told when it was registered: read from a file, never from the command line. */
import { readFileSync } from "node:fs";
import { z } from "zod";
import { agentErrors } from "./error-codes.ts";

/** A camera's own copy of its key. Never log it. */
export interface CameraCredentials {
  readonly streamId: string;
  readonly passphrase: string;
}

/** Loose: the whole answer of POST /cameras may lie in the file as it came. */
const Credentials = z.looseObject({
  streamId: z.string().min(1).max(512),
  passphrase: z.string().min(10).max(79),
});

/** Reads the file. Throws: AGENT_CREDENTIALS_INVALID, without anything of what the file holds. */
export function readCameraCredentials(file: string): CameraCredentials {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    // The message of a JSON error quotes the text around the fault, which may be the passphrase.
    const reason = error instanceof SyntaxError ? "it is not JSON" : (error as NodeJS.ErrnoException).code;
    throw agentErrors.make("AGENT_CREDENTIALS_INVALID", { file, reason });
  }
  const result = Credentials.safeParse(value);
  if (!result.success) {
    const fields = [...new Set(result.error.issues.map((issue) => issue.path.join(".") || "the whole"))];
    throw agentErrors.make("AGENT_CREDENTIALS_INVALID", {
      file,
      reason: `${fields.join(" and ")} is wrong or missing`,
    });
  }
  return { streamId: result.data.streamId, passphrase: result.data.passphrase };
}
