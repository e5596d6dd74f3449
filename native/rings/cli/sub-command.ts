/** What every sub-command is, and how it reads its command line. */
import { parseArgs } from "node:util";
import { toolErrors } from "./error-codes.ts";

/** Runs with its own arguments until done or aborted. Returns the exit code. */
export type SubCommand = (argv: string[], signal: AbortSignal) => Promise<number>;

/** All went well, or it was ended by the user. */
export const EXIT_OK = 0;
/** It failed, or found what it was asked to find fault with. */
export const EXIT_FAILED = 1;
/** The command line is wrong (EX_USAGE of sysexits.h). */
export const EXIT_USAGE = 64;

type Options = Readonly<Record<string, { type: "string" | "boolean"; short?: string }>>;
type Values<O extends Options> = { [Name in keyof O]?: O[Name]["type"] extends "boolean" ? boolean : string };

/** Reads a command line of these options. Throws: RING_OPTION_INVALID, which names what is wrong and where to read on. */
export function parseCommandLine<O extends Options>(
  command: string,
  argv: readonly string[],
  options: O,
): { values: Values<O> & { help?: boolean }; positionals: string[] } {
  try {
    const parsed = parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: { ...options, help: { type: "boolean", short: "h" } },
    });
    return parsed as unknown as { values: Values<O> & { help?: boolean }; positionals: string[] };
  } catch (error) {
    throw usageError(command, (error as Error).message.split(". ")[0] ?? "", error);
  }
}

/** Makes the error of a wrong command line. */
export function usageError(command: string, detail: string, cause?: unknown) {
  return toolErrors.make(
    "RING_OPTION_INVALID",
    { detail: `${detail.replace(/\.$/, "")}; see \`lanthorn-rings ${command} --help\`` },
    cause,
  );
}

/** Reads a number of an option; undefined when it was not given. Throws: RING_OPTION_INVALID. */
export function numberOption(
  command: string,
  option: string,
  text: string | undefined,
  bounds: { least: number; whole?: boolean },
): number | undefined {
  if (text === undefined) {
    return undefined;
  }
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (!Number.isFinite(value) || value < bounds.least || (bounds.whole === true && !Number.isSafeInteger(value))) {
    const kind = bounds.whole === true ? "a whole number" : "a number";
    throw usageError(command, `Expected ${kind} of at least ${bounds.least} for ${option} but received "${text}"`);
  }
  return value;
}
