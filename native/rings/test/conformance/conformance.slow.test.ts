import { describe } from "node:test";
import { C_UNDER_ASAN, READERS } from "./driver.ts";
import { testHostility } from "./suite.ts";

const DAMAGED_RINGS = 2000;
const WATCHDOG_MS = 1_800_000;

for (const reader of [...READERS, C_UNDER_ASAN]) {
  describe(reader.name, () => testHostility(reader, DAMAGED_RINGS, WATCHDOG_MS));
}
