/** The part of the suite that reads recorded rings. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { testRingName } from "../support/ring-names.ts";
import type { Answer } from "./answers.ts";
import { canonical } from "./canonical.ts";
import { Driver, type Reader } from "./driver.ts";
import { removeRing } from "./ring-image.ts";
import { readVectors } from "./vector.ts";

const LOOKS = ["peek", "whole"];

/** Every vector comes out as it was written, and every lie is refused. */
export function testRecordedVectors(reader: Reader): void {
  for (const vector of readVectors()) {
    test(`${vector.name}: ${vector.about}`, async () => {
      const driver = Driver.shared(reader);
      const name = testRingName();
      vector.image.restore(name);
      let lease: unknown = "none";
      try {
        for (const [command, expected] of vector.steps) {
          const sent = command.replace("@", name).replace("#", String(lease));
          const answer = await driver.ask(sent);
          lease = answer.lease ?? lease;
          const isLook = LOOKS.includes(command.split(" ")[0] ?? "");
          const wanted: Answer = isLook && !reader.canPeek ? { error: "UNSUPPORTED" } : expected;
          assert.deepEqual(canonical(answer), canonical(wanted), `${reader.name}, "${command}"`);
        }
      } finally {
        removeRing(name);
      }
    });
  }
}
