import assert from "node:assert/strict";
import { test } from "node:test";
import { KeyGroup } from "../../src/stream/key-group.ts";

/** A TS packet: 188 bytes, its PID, and marks that make it a table, a key frame's first packet or another. */
function packet(pid: number, mark: number, isKey = false): Buffer {
  const bytes = Buffer.alloc(188, mark);
  bytes.set([0x47, (isKey ? 0x40 : 0) | (pid >> 8), pid & 0xff, isKey ? 0x30 : 0x10]);
  if (isKey) {
    bytes.set([7, 0x50, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xe0], 4);
  }
  return bytes;
}

const PAT = packet(0, 1);
const PMT = packet(4096, 2);

test("nothing is resumed before the first key frame", () => {
  const group = new KeyGroup();
  group.push(Buffer.concat([PAT, PMT, packet(256, 3)]));
  assert.equal(group.resume().length, 0);
});

test("a new connection gets the tables, the newest key frame and all since", () => {
  const group = new KeyGroup();
  const key = packet(256, 4, true);
  const rest = packet(256, 5);
  group.push(Buffer.concat([PAT, PMT, packet(256, 3, true), packet(256, 3)]));
  group.push(Buffer.concat([packet(257, 6), key]));
  group.push(rest);
  assert.deepEqual(group.resume(), Buffer.concat([PAT, PMT, key, rest]));
});

test("a stream that begins anew resumes nothing of the old one", () => {
  const group = new KeyGroup();
  group.push(Buffer.concat([PAT, PMT, packet(256, 4, true)]));
  group.reset();
  assert.equal(group.resume().length, 0);
});

test("a group that never ends is given up, not kept for ever", () => {
  const group = new KeyGroup();
  group.push(Buffer.concat([PAT, PMT, packet(256, 4, true)]));
  for (let megabytes = 0; megabytes < 10; megabytes++) {
    group.push(Buffer.alloc(188 * 6000, packet(256, 5)));
  }
  assert.equal(group.resume().length, 0);
});
