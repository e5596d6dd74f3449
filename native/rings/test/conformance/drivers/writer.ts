/** Writes rings by command, in a process that can be killed. Frames and records are filled from their sequence (../filling.ts). */
import { createInterface } from "node:readline";
import { setImmediate } from "node:timers/promises";
import { ByteRingWriter, SlotRingWriter } from "../../../src/index.ts";
import type { Answer } from "../answers.ts";
import { appendBySequence, publishBySequence, publishSparse } from "../filling.ts";

type Command = (...words: string[]) => Answer | Promise<Answer>;

let slots: SlotRingWriter | undefined;
let records: ByteRingWriter | undefined;
let written = 0n;

function writeOne(bytes: number): void {
  written += 1n;
  if (slots !== undefined) {
    publishBySequence(slots, written, bytes);
  } else if (records !== undefined) {
    appendBySequence(records, written, bytes);
  }
}

/** Answers, and goes on until it is killed, with a turn for the next command now and then. */
function forEver(work: () => void): Answer {
  void (async () => {
    for (;;) {
      for (let i = 0; i < 50; i++) {
        work();
      }
      await setImmediate();
    }
  })();
  return {};
}

const commands: Record<string, Command> = {
  slots: (name = "", count = "", slotBytes = "") => {
    slots = SlotRingWriter.create({ name, slots: Number(count), slotBytes: Number(slotBytes) });
    return {};
  },
  bytes: (name = "", capacityBytes = "") => {
    records = ByteRingWriter.create({ name, capacityBytes: Number(capacityBytes) });
    return {};
  },
  write: (count = "", bytes = "") => {
    for (let i = 0; i < Number(count); i++) {
      writeOne(Number(bytes));
    }
    return { written: String(written) };
  },
  close: () => {
    slots?.close();
    records?.close();
    return {};
  },
  hammer: (bytes = "") => forEver(() => writeOne(Number(bytes))),
  sparse: (bytes = "") =>
    forEver(() => {
      written += 1n;
      if (slots !== undefined) {
        publishSparse(slots, written, Number(bytes));
      }
    }),
  "describe-hammer": () => {
    const texts = Array.from("abcdefgh", (letter, i) => ({ text: letter.repeat(12_000 + i) }));
    let count = 0;
    return forEver(() => {
      count += 1;
      records?.describe(texts[count % texts.length] ?? {});
    });
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const [name = "", ...words] = line.split(" ");
  const command = commands[name];
  if (command === undefined) {
    throw new Error(`The writer was told what it cannot do: ${line}`);
  }
  process.stdout.write(`${JSON.stringify(await command(...words))}\n`);
}
process.exit();
