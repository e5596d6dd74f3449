/** Slow, because what is waited for takes ten seconds each time. */
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { test } from "node:test";
import { waitUntil } from "@lanthorn/testing";
import { House } from "./house.ts";

test("an RTSPS camera that takes calls and says nothing is told in words and called again and again", async (t) => {
  await using house = await new House().open();
  const calls: Socket[] = [];
  const silent = createServer((socket) => {
    socket.on("error", () => {});
    socket.resume();
    calls.push(socket);
  }).listen(0, "127.0.0.1");
  t.after(() => silent.close());
  await once(silent, "listening");
  const { port } = silent.address() as AddressInfo;
  await house.register("mute", { kind: "rtsp", url: `rtsps://127.0.0.1:${port}/main` });
  await house.linkWhen("mute", "is told", ({ lastDisconnectCause }) => /within 10 s/.test(lastDisconnectCause ?? ""));
  await waitUntil("four calls", () => calls.length >= 4, 180_000);
  await waitUntil("the old ones ended", () => calls.slice(0, -2).every(({ destroyed }) => destroyed));
  for (const socket of calls) {
    socket.destroy();
  }
});
