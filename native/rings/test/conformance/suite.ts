/** What every reader of rings must do, in whatever language it is written. One test a sentence. */
import { describe, test } from "node:test";
import { Driver, type Reader } from "./driver.ts";
import { testHostileWriter } from "./hostile.ts";
import { testCrashes } from "./live-crash.ts";
import { testLiveFrames } from "./live-frames.ts";
import { testHammering } from "./live-hammer.ts";
import { testLiveRecords } from "./live-records.ts";
import { testRecordedVectors } from "./recorded.ts";

/** Against hanging, not a measure of speed. */
const WATCHDOG_MS = 280_000;
/** Damaged rings of each kind that a reader is given in every run; more of them: conformance.slow.test.ts. */
const DAMAGED_RINGS = 150;

/** Runs the whole suite against one reader. */
export function testReader(reader: Reader): void {
  describe("reads what was recorded", () => testRecordedVectors(reader));
  describe("reads live frames", { timeout: WATCHDOG_MS }, () => testLiveFrames(reader));
  describe("reads live records", { timeout: WATCHDOG_MS }, () => testLiveRecords(reader));
  describe("outlives its writers", { timeout: WATCHDOG_MS }, () => testCrashes(reader));
  describe("returns nothing torn", { timeout: WATCHDOG_MS }, () => testHammering(reader));
  testHostility(reader);
}

/** Runs the part with hostile bytes alone, for a reader built with sanitizers, or with more damage than every run can afford. */
export function testHostility(reader: Reader, damagedRings = DAMAGED_RINGS, watchdogMs = WATCHDOG_MS): void {
  describe("trusts no writer", { timeout: watchdogMs }, () => testHostileWriter(reader, damagedRings));
  test("has lived through all that, and ends by itself", () => Driver.shared(reader).end());
}
