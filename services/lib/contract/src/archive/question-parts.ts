/** Parts of which questions to the archive are made. */
import { z } from "zod";
import { CameraId } from "../ids.ts";
import { STREAMS } from "../recording-settings.ts";

/** A camera in the path. */
export const CameraParams = z.object({ id: CameraId.describe("Camera id") });

/** An instant in a query. Year 2255 is the last whole one in a double. */
export const instantUs = (description: string) =>
  z.coerce
    .number<number>()
    .int()
    .min(0)
    .max(Number.MAX_SAFE_INTEGER)
    .describe(`${description}, Unix time in microseconds`);

/** Which of a camera's streams. */
export const Stream = z.enum(STREAMS).default("main").describe("main (default), or sub: the camera's smaller picture");

/** Rows in a page. */
export const Limit = z.coerce
  .number<number>()
  .int()
  .min(1)
  .max(1000)
  .default(100)
  .describe("Most rows in the answer (100)");

/** A number of a row as the place where a list goes on. */
export const BeforeRow = z.coerce.number<number>().int().min(1).optional().describe("`next` of the last answer");

/** A label of events. */
export const Label = z.string().min(1).max(64);

/** A parameter that may be given several times: any of its values. */
export function severalOf<Schema extends z.ZodType>(one: Schema) {
  return z.union([one.transform((value) => [value]), z.array(one).min(1).max(64)]).optional();
}

/** Whether a span of time has a beginning before its end. */
export const isSpan = ({ fromUs, toUs }: { fromUs: number; toUs: number }): boolean => toUs > fromUs;

/** What is said of one that has not. */
export const LATER = { path: ["toUs"], message: "expected an instant later than fromUs" };
