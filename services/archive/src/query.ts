/** What the archive's routes are asked, read by schemas. */
import { z } from "zod";
import { archiveErrors } from "./error-codes.ts";

/** An instant in a query: Unix microseconds. Year 2255 is the last whole one in a double. */
export const InstantUs = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

/** Rows in a page. */
export const Limit = z.coerce.number().int().min(1).max(1000).default(100);

/** A parameter that may be given several times: any of its values. */
export function severalOf<Schema extends z.ZodType>(one: Schema) {
  return z.union([one.transform((value) => [value]), z.array(one).min(1).max(64)]).optional();
}

/** Reads parameters or a query. Throws: ARCHIVE_QUERY_INVALID, naming every fault. */
export function read<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const result = schema.safeParse(value);
  if (!result.success) {
    const faults = result.error.issues.map((issue) => `${issue.path.join(".") || "query"}: ${issue.message}`);
    throw archiveErrors.make("ARCHIVE_QUERY_INVALID", { count: faults.length, faults: faults.join("; ") });
  }
  return result.data;
}
