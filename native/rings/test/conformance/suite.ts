/** What every reader of rings must do, in whatever language it is written. One test a sentence. */
import { describe, test } from "node:test";
import { Driver, type Reader } from "./driver.ts";
import { testCrashes } from "./live-crash.ts";
import { testLiveFrames } from "./live-frames.ts";
import { testLiveRecords } from "./live-records.ts";
import { testRecordedVectors } from "./recorded.ts";

/** Runs the whole suite against one reader. */
export function testReader(reader: Reader): void {
  describe(`${reader.name} reads what was recorded`, () => testRecordedVectors(reader));
  describe(`${reader.name} reads live frames`, { timeout: 60_000 }, () => testLiveFrames(reader));
  describe(`${reader.name} reads live records`, { timeout: 60_000 }, () => testLiveRecords(reader));
  describe(`${reader.name} outlives its writers`, { timeout: 60_000 }, () => testCrashes(reader));
  test(`${reader.name} has lived through all that, and ends by itself`, () => Driver.shared(reader).end());
}
