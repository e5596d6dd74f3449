/** What every reader of rings must do, in whatever language it is written. One test a sentence. */
import { describe, test } from "node:test";
import { Driver, type Reader } from "./driver.ts";
import { testHostileWriter } from "./hostile.ts";
import { testCrashes } from "./live-crash.ts";
import { testLiveFrames } from "./live-frames.ts";
import { testHammering } from "./live-hammer.ts";
import { testLiveRecords } from "./live-records.ts";
import { testRecordedVectors } from "./recorded.ts";

/** Runs the whole suite against one reader. */
export function testReader(reader: Reader): void {
  describe("reads what was recorded", () => testRecordedVectors(reader));
  describe("reads live frames", { timeout: 60_000 }, () => testLiveFrames(reader));
  describe("reads live records", { timeout: 60_000 }, () => testLiveRecords(reader));
  describe("outlives its writers", { timeout: 60_000 }, () => testCrashes(reader));
  describe("returns nothing torn", { timeout: 60_000 }, () => testHammering(reader));
  testHostility(reader);
}

/** Runs the part with hostile bytes alone, for a reader built with sanitizers. */
export function testHostility(reader: Reader): void {
  describe("trusts no writer", { timeout: 60_000 }, () => testHostileWriter(reader));
  test("has lived through all that, and ends by itself", () => Driver.shared(reader).end());
}
