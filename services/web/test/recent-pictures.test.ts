import assert from "node:assert/strict";
import { test } from "node:test";
import { RecentPictures } from "../src/events/recent-pictures.ts";

test("the newest pictures are kept, and the oldest dropped when there is no room", () => {
  const pictures = new RecentPictures(100);
  pictures.put("a", Buffer.alloc(40));
  pictures.put("b", Buffer.alloc(40));
  pictures.put("a", Buffer.alloc(50)); // a better one: a is the newest now
  assert.equal(pictures.get("a")?.length, 50);
  pictures.put("c", Buffer.alloc(40));
  assert.equal(pictures.get("b"), undefined);
  assert.equal(pictures.get("a")?.length, 50);
  assert.equal(pictures.get("c")?.length, 40);
});

test("events heard of are remembered, the newest 4,096 of them", () => {
  const pictures = new RecentPictures(100);
  pictures.hear("first");
  pictures.hear("second");
  pictures.hear("first");
  for (let count = 2; count < 4096; count++) {
    pictures.hear(`event ${count}`);
  }
  assert.deepEqual([pictures.hasHeard("first"), pictures.hasHeard("second")], [true, true]);
  pictures.hear("one more");
  assert.deepEqual([pictures.hasHeard("first"), pictures.hasHeard("second")], [true, false]);
  assert.equal(pictures.hasHeard("nobody's"), false);
});

test("a picture larger than all the room is not kept and pushes none out", () => {
  const pictures = new RecentPictures(100);
  pictures.put("a", Buffer.alloc(40));
  pictures.put("huge", Buffer.alloc(101));
  assert.equal(pictures.get("huge"), undefined);
  assert.equal(pictures.get("a")?.length, 40);
});
