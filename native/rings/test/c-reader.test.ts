import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { createInterface } from "node:readline";
import { after, before, describe, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { addon } from "../src/addon.ts";
import {
  ByteRingWriter,
  describeDepth,
  PIXEL_FORMATS,
  planeShapes,
  ringReaders,
  SAMPLE_BYTES,
  SlotRingWriter,
} from "../src/index.ts";
import { nextLine, startCommand } from "./support/child.ts";
import { publishGray } from "./support/frames.ts";
import { testRingName } from "./support/ring-names.ts";

const READER = fileURLToPath(new URL("../readers/c", import.meta.url));
const CHECKS = fileURLToPath(new URL("support/c_reader_checks.c", import.meta.url));
const STRICT = ["-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wshadow", "-Werror"];
const folder = mkdtempSync(`${tmpdir()}/lanthorn-c-`);
const program = `${folder}/checks`;

after(() => rmSync(folder, { recursive: true, force: true }));

/** Compiles with the reader's folder as the only one to include from; the compiler's complaints are the failure. */
function compile(command: string, args: string[]): void {
  execFileSync(command, [...STRICT, `-I${READER}`, ...args], { stdio: ["ignore", "inherit", "inherit"] });
}

function isThere(command: string): boolean {
  try {
    execFileSync(command, ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

function run(...args: string[]): string {
  return execFileSync(program, args, { encoding: "utf8", cwd: folder });
}

describe("the C reader is one header", () => {
  const unused = `${folder}/unused`;
  before(() => {
    for (const ending of ["c", "cpp"]) {
      writeFileSync(
        `${unused}.${ending}`,
        '#include "lanthorn_rings.h"\nint nothing(void);\nint nothing(void) { return 0; }\n',
      );
    }
  });
  const compilers: [string, string, string][] = [
    ["cc", "-std=c11", "c"],
    ["c++", "-std=c++17", "cpp"],
    ["clang", "-std=c11", "c"],
    ["clang++", "-std=c++17", "cpp"],
  ];
  for (const [command, standard, ending] of compilers) {
    test(`that ${command} takes as ${standard} without a word`, {
      skip: !isThere(command) && `no ${command} here`,
    }, () => {
      for (const optimisation of ["-O0", "-O2"]) {
        compile(command, [standard, optimisation, "-c", `${unused}.${ending}`, "-o", `${folder}/${command}.o`]);
        if (ending === "c") {
          compile(command, [standard, optimisation, CHECKS, "-o", `${folder}/${command}${optimisation}`]);
        }
      }
    });
  }

  test("that says what is wrong when the system's headers came first without _GNU_SOURCE", () => {
    writeFileSync(`${folder}/late.c`, '#include <fcntl.h>\n#include "lanthorn_rings.h"\n');
    const args = ["-std=c11", `-I${READER}`, "-c", `${folder}/late.c`, "-o", `${folder}/late.o`];
    assert.throws(() => execFileSync("cc", args, { stdio: ["ignore", "ignore", "pipe"] }), /before any other header/);
    execFileSync("cc", [...args, "-D_GNU_SOURCE"]);
  });
});

const OBJECTS: Record<string, string> = {
  RingHeader: "ltnrp_header_t",
  SlotEntry: "ltnrp_slot_entry_t",
  ltn_frame_t: "ltnr_frame_t",
  RecordHead: "ltnrp_record_head_t",
  ltn_record_t: "ltnr_record_t",
  LeaseHeader: "ltnrp_lease_header_t",
  ReaderEntry: "ltnrp_seat_t",
};

test("the C reader's structures have every field of the layout at its offset and in its size", () => {
  const fields = addon.layout();
  const lines = fields.map(({ object, field, offsetBytes, sizeBytes }) => {
    if (object === "sizeof") {
      return `static_assert(sizeof(${OBJECTS[field]}) == ${sizeBytes}, "${field}");`;
    }
    const type = OBJECTS[object];
    return `static_assert(offsetof(${type}, ${field}) == ${offsetBytes} && sizeof(((${type} *)0)->${field}) == ${sizeBytes}, "${object}.${field}");`;
  });
  assert.ok(lines.length > 60);
  writeFileSync(`${folder}/layout.c`, `#include "lanthorn_rings.h"\n${lines.join("\n")}\n`);
  compile("cc", ["-std=c11", "-c", `${folder}/layout.c`, "-o", `${folder}/layout.o`]);
});

test("every atomic access of the C reader says by SYNC: what it pairs with", () => {
  const lines = readFileSync(`${READER}/lanthorn_rings.h`, "utf8").split("\n");
  const accesses = lines.flatMap((line, i) => (/\b__atomic_\w+\(/.test(line) ? [i] : []));
  assert.ok(accesses.length > 25, `${accesses.length}`);
  const silent = accesses.filter((i) => !lines.slice(Math.max(i - 9, 0), i + 1).some((line) => line.includes("SYNC:")));
  assert.deepEqual(
    silent.map((i) => `${i + 1}: ${lines[i]}`),
    [],
  );
});

describe("the C reader", () => {
  before(() => compile("cc", ["-std=c11", "-O1", "-g", "-fsanitize=address,undefined", CHECKS, "-o", program]));

  test("knows the planes of every pixel format", () => {
    const expected = PIXEL_FORMATS.map((pixelFormat) => {
      const planes = planeShapes({ pixelFormat, widthPx: 7, heightPx: 5 }).map(
        ({ columns, rows, channels, sample, rowBytes }) =>
          `${columns}x${rows}x${channels}/${SAMPLE_BYTES[sample]}/${rowBytes}`,
      );
      return [pixelFormat, ...planes].join(" ");
    });
    assert.ok(expected.length > 15);
    assert.deepEqual(
      run("planes", ...PIXEL_FORMATS)
        .trim()
        .split("\n"),
      expected,
    );
    assert.equal(run("planes", "yuv9000").trim(), "yuv9000");
  });

  test("lists rings with their writers", () => {
    using slots = SlotRingWriter.create({ name: testRingName(), slots: 3, slotBytes: 100 });
    publishGray(slots, 10, 10, 1);
    using bytes = ByteRingWriter.create({ name: testRingName(), capacityBytes: 4096 });
    const lines = run("list", slots.name.slice(0, -2)).trim().split("\n");
    assert.ok(lines.includes(`${slots.name} kind 1 alive 1 last 1 slots 3 pid ${process.pid}`), lines.join("\n"));
    assert.ok(lines.includes(`${bytes.name} kind 2 alive 1 last 0 slots 0 pid ${process.pid}`), lines.join("\n"));
  });

  test("limits, rounds and refuses samples of sound", () => {
    assert.equal(
      run("decoding").trim(),
      "16384 -16384 32767 -32768 0 1 0.5 -1 0.999969482 0 CORRUPT BUFFER_TOO_SMALL 4",
    );
  });

  test("finds what it needs in a description", () => {
    const streams = [
      { index: 0, type: "data", note: 'a "quoted" ] note' },
      { channels: 2, sampleRateHz: 44_100, codec: "pcm_f32le", nested: [[{}], null], index: 1 },
    ];
    const depth = describeDepth({ sensor: "depth", pixelFormat: "gray16le" });
    assert.equal(
      run("description", JSON.stringify({ streams, ...depth })).trim(),
      "depth OK 0.001 0; pcm OK 2 44100 2",
    );
    assert.equal(
      run("description", '{"depth":{"metresPerUnit":2.5E-1,"invalid":-1}}').trim().split(";")[0],
      "depth OK 0.25 -1",
    );
    assert.equal(
      run("description", '{"streams":[{"index":1,"codec":"aac"}]}').trim(),
      "depth NOT_FOUND 0 0; pcm NOT_FOUND 1 0 0",
    );
  });

  test("follows a ring to its next writer, holds leases of both, and counts what it took and missed", async () => {
    const name = testRingName();
    const child = spawn(program, ["lease", name, "3"], { stdio: ["pipe", "pipe", "inherit"] });
    const ended = once(child, "exit");
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const said = async () => (await lines.next()).value as string;
    const first = SlotRingWriter.create({ name, slots: 3, slotBytes: 100 });
    publishGray(first, 10, 10, 11);
    assert.equal(await said(), "took 1 of ring 1, value 11");
    for (const value of [12, 13, 14]) {
      publishGray(first, 10, 10, value);
    }
    child.stdin.write("\n");
    assert.equal(await said(), "took 4 of ring 1, value 14");
    const [reader] = ringReaders(name);
    assert.deepEqual([reader?.pid, reader?.taken, reader?.missed, reader?.program], [child.pid, 2n, 2n, "checks"]);
    first.close();
    using second = SlotRingWriter.create({ name, slots: 3, slotBytes: 100 });
    publishGray(second, 10, 10, 21);
    child.stdin.write("\n");
    assert.equal(await said(), "took 1 of ring 2, value 21");
    child.stdin.end();
    assert.deepEqual([await said(), await said(), await said()], ["still 11", "still 14", "still 21"]);
    assert.deepEqual(await ended, [0, null]);
    assert.deepEqual(ringReaders(name), []);
  });

  test("does not stop following at a ring whose leases went first", async () => {
    const name = testRingName();
    {
      using whole = SlotRingWriter.create({ name: testRingName(), slots: 3, slotBytes: 100 });
      publishGray(whole, 10, 10, 30);
      copyFileSync(`/dev/shm/${whole.name}`, `/dev/shm/${name}`); // nobody holds its lock, and it has no leases
    }
    const child = startCommand(program, ["lease", name, "1"]);
    await setTimeout(50); // either way the answer is the same; this is for the way that is meant
    using next = SlotRingWriter.create({ name, slots: 3, slotBytes: 100 });
    publishGray(next, 10, 10, 31);
    const line = await nextLine(child);
    assert.match(line, /^took 1 of ring [12], value 31$/);
    assert.equal(await child.ended, 0);
  });
});
