/** Brings answers of different readers into one form, so that equal ones are equal. */
import type { Answer } from "./answers.ts";

/** What of a frame's and a record's flags has a meaning; the TypeScript reader gives no more. */
const FLAGS_OF_FRAMES = 1;
const FLAGS_OF_RECORDS = 3;

/** An answer without words for people; JSON by its meaning, because the TypeScript reader gives the parsed value, not its text. */
export function canonical(answer: Answer): Answer {
  const { words: _, lease: __, ...rest } = answer;
  if (typeof rest.hex === "string" && rest.hex !== "") {
    return json(rest.hex, "description");
  }
  if (typeof rest.json_hex === "string") {
    return json(rest.json_hex, "result");
  }
  if (rest.dropped !== undefined) {
    rest.dropped = Number(rest.dropped); // a number in TypeScript
  }
  return { ...rest, ...masked(rest, "frame", FLAGS_OF_FRAMES), ...masked(rest, "record", FLAGS_OF_RECORDS) };
}

/** The C reader gives the bytes of a description as they are; that they are no JSON is seen here. */
function json(hex: string, what: string): Answer {
  try {
    return {
      [what]: JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Buffer.from(hex, "hex"))),
    };
  } catch {
    return { error: "CORRUPT" };
  }
}

function masked(answer: Answer, field: string, mask: number): Answer {
  const value = answer[field] as { flags: number } | undefined;
  return value === undefined ? {} : { [field]: { ...value, flags: value.flags & mask } };
}
