/** The same damaged ring read by all readers: whoever returns something returns the same. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { testRingName } from "../support/ring-names.ts";
import type { Answer } from "./answers.ts";
import { canonical } from "./canonical.ts";
import { damage, randomChanges } from "./damage.ts";
import { Driver, type Reader } from "./driver.ts";
import { RingImage, removeRing } from "./ring-image.ts";
import { SeededRandom } from "./seeded-random.ts";
import { readVectors } from "./vector.ts";

const ROUNDS = 400;
const RECORDS = 50; // more than any vector holds

/** Commands and what one reader made of them. */
type Transcript = [command: string, answer: Answer][];

async function transcriptOf(reader: Reader, name: string, isSlots: boolean): Promise<Transcript> {
  const driver = Driver.shared(reader);
  const transcript: Transcript = [];
  const ask = async (command: string) => {
    const answer = await driver.ask(command);
    transcript.push([command, canonical(answer)]);
    return answer;
  };
  if ((await ask(`open ${isSlots ? "slots" : "bytes"} ${name}`)).error !== undefined) {
    return transcript;
  }
  await ask("description");
  if (isSlots) {
    for (const command of ["wait 0 0", "copy 0", "copy 3", "copy 18446744073709551614"]) {
      await ask(command);
    }
    const leased = await ask("lease 0");
    if (leased.error === undefined) {
      await driver.askAll(`release ${leased.lease}`);
    }
    if (reader.canPeek && (await ask("peek 0")).error === undefined) {
      await ask("whole");
    }
    return transcript;
  }
  for (const place of ["", "seek newest-key", "seek end", "seek 5", "seek 18446744073709551615", "seek oldest"]) {
    if (place !== "") {
      await ask(place);
    }
    await ask("wait-record 0");
    for (let i = 0; i < RECORDS && (await ask("next")).error === undefined; i++) {
      if (place === "") {
        await ask("samples");
      }
    }
  }
  return transcript;
}

/** The TypeScript reader cannot look at frames in place: its transcript lacks that, and nothing else. */
function comparable(transcript: Transcript, other: Transcript): Transcript {
  const commands = new Set(other.map(([command]) => command));
  return transcript.filter(([command]) => commands.has(command) || !["peek 0", "whole"].includes(command));
}

/**
 * TypeScript reads samples by a description that it checked whole, C and Python by the one stream they need; so a damaged
 * description may be refused by the first alone. What they do return must be equal.
 */
function withoutRefusedSamples(transcript: Transcript, other: Transcript): Transcript {
  return transcript.map((step, i) => {
    const theirs = other[i];
    const isRefused = step[0] === "samples" && (step[1].error !== undefined || theirs?.[1].error !== undefined);
    return isRefused ? ["samples", { error: "REFUSED" }] : step;
  });
}

/** Damages each recorded ring again and again, and compares what the readers say. */
export function testAgreement(readers: readonly Reader[]): void {
  test("all readers say the same of the same damaged ring", { timeout: 280_000 }, async (t) => {
    const random = new SeededRandom(20_260_500);
    const images = readVectors()
      .filter(({ name, image }) => !name.startsWith("refused") && image.bytes.length > 0)
      .map(({ image }) => image);
    const tally = { rounds: 0, answers: 0, refused: 0, opened: 0 };
    for (let round = 0; round < ROUNDS; round++) {
      const good = images[round % images.length];
      assert.ok(good);
      const changes = randomChanges(random, good);
      const name = testRingName();
      damage(new RingImage(good.bytes), changes).restore(name);
      try {
        const transcripts = await Promise.all(readers.map((reader) => transcriptOf(reader, name, good.isSlots)));
        const [first = []] = transcripts;
        transcripts.slice(1).forEach((other, i) => {
          const [ours, theirs] = [comparable(first, other), comparable(other, first)];
          assert.deepEqual(
            withoutRefusedSamples(theirs, ours),
            withoutRefusedSamples(ours, theirs),
            `${readers[i + 1]?.name} and ${readers[0]?.name} disagree after ${JSON.stringify(changes.map(({ offset, bytes }) => [offset, bytes.toString("hex")]))}`,
          );
        });
        tally.rounds += 1;
        tally.answers += first.length;
        tally.opened += first.length > 1 ? 1 : 0;
        tally.refused += first.filter(([, { error }]) => error === "CORRUPT" || error === "TORN").length;
      } finally {
        removeRing(name);
      }
    }
    t.diagnostic(JSON.stringify(tally));
    assert.ok(tally.opened > ROUNDS / 3 && tally.refused > ROUNDS / 3, JSON.stringify(tally));
  });
}
