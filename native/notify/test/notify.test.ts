import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { DatagramListener, notifySystemd, sendDatagram } from "../src/index.ts";

test("notifySystemd delivers each message as one datagram to a socket path", (t) => {
  const home = mkdtempSync(join(tmpdir(), "lanthorn-notify-"));
  t.after(() => rmSync(home, { recursive: true }));
  const listener = DatagramListener.listen(join(home, "notify"));
  t.after(() => listener.close());
  assert.equal(notifySystemd("READY=1\nSTATUS=größer", listener.path), undefined);
  assert.equal(notifySystemd("WATCHDOG=1", listener.path), undefined);
  assert.deepEqual(listener.receive(), ["READY=1\nSTATUS=größer", "WATCHDOG=1"]);
  assert.deepEqual(listener.receive(), []);
});

test("notifySystemd delivers to an abstract socket, as user managers use", (t) => {
  const listener = DatagramListener.listen(`@lanthorn-notify-test-${process.pid}`);
  t.after(() => listener.close());
  assert.equal(notifySystemd("STOPPING=1", listener.path), undefined);
  assert.deepEqual(listener.receive(), ["STOPPING=1"]);
});

test("notifySystemd does nothing when no socket is named", () => {
  assert.equal(notifySystemd("READY=1", undefined), undefined);
  assert.equal(notifySystemd("READY=1", ""), undefined);
});

test("sendDatagram says in words why a message did not arrive", () => {
  assert.match(sendDatagram("/nonexistent/lanthorn", "READY=1") ?? "", /^ENOENT: /);
  assert.match(sendDatagram("relative", "READY=1") ?? "", /^EINVAL: /);
});

test("a listener names the path it could not bind, and removes its file when closed", (t) => {
  const home = mkdtempSync(join(tmpdir(), "lanthorn-notify-"));
  t.after(() => rmSync(home, { recursive: true }));
  assert.throws(() => DatagramListener.listen(join(home, "missing", "notify")), /missing\/notify gave ENOENT/);
  const listener = DatagramListener.listen(join(home, "notify"));
  assert.throws(() => DatagramListener.listen(listener.path), /EADDRINUSE/);
  listener.close();
  listener.close();
  assert.equal(existsSync(listener.path), false);
});
