/** An archive that holds recordings whose pictures carry their number, made in a moment. */
import { writeFileSync } from "node:fs";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { ringName } from "@lanthorn/contract";
import { LIST_SEGMENTS } from "@lanthorn/contract/archive";
import { makeNumberedStream, type NumberedOptions, StreamDelivery, waitUntil } from "@lanthorn/testing";
import { ArchiveRig } from "./archive-rig.ts";

/** Watchdog of everything waited for here. */
const WAIT_MS = 60_000;

/** One camera's recordings. Owner: dispose of it. */
export class NumberedCamera {
  readonly rig = new ArchiveRig();
  readonly camera = "street";
  #delivery: StreamDelivery | undefined;
  #recordedS = 0;

  /** Starts the archive. */
  async start(): Promise<void> {
    this.rig.register(this.camera);
    await this.rig.start();
  }

  /** Records a stream that began so long ago. A camera that is still there has lost its connection before. */
  async record(secondsAgo: number, options: NumberedOptions): Promise<void> {
    const file = join(this.rig.home.root, "numbered.ts");
    await makeNumberedStream(file, options);
    this.#delivery?.discontinuity();
    this.#delivery ??= new StreamDelivery(ringName(this.rig.home.ringPrefix, this.camera, "packets"), this.camera);
    this.#delivery.push(file, secondsAgo);
    this.#recordedS += options.seconds - 1.5; // the last fragment waits for what follows
    await waitUntil("the recording", async () => (await this.rig.recordedS(this.camera)) >= this.#recordedS, WAIT_MS);
    this.#recordedS += 1.5;
  }

  /** Lets the camera go, and waits until every file is closed. The segments, oldest first. */
  async end(): Promise<{ id: number; startWallUs: number; endWallUs: number }[]> {
    this.#delivery?.close();
    this.#delivery = undefined;
    const closed = await waitUntil(
      "all files closed",
      async () => {
        const { segments } = await this.rig.ask(LIST_SEGMENTS);
        return segments.length > 0 && segments.every(({ state }) => state === "closed") ? segments : undefined;
      },
      WAIT_MS,
    );
    return closed
      .map(({ id, startWallUs, endWallUs }) => ({ id, startWallUs, endWallUs: endWallUs ?? 0 }))
      .sort((a, b) => a.startWallUs - b.startWallUs);
  }

  /** Saves an answer as a file. */
  async save(path: string): Promise<{ file: string; headers: Record<string, unknown> }> {
    const reply = await this.rig.request(path);
    const file = join(this.rig.home.root, "answer.mp4");
    writeFileSync(file, reply.body);
    return { file, headers: reply.headers };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#delivery?.close();
    await this.rig[Symbol.asyncDispose]();
  }
}

/** The archive's socket on a TCP port, for programs that know no unix sockets. Owner: dispose of it. */
export async function overTcp(runDir: string): Promise<AsyncDisposable & { readonly url: string }> {
  const server = createServer((incoming, answer) => {
    const headers = incoming.headers.range === undefined ? {} : { range: incoming.headers.range };
    const asked = request({ socketPath: join(runDir, "archive.sock"), path: incoming.url, headers }, (reply) => {
      answer.writeHead(reply.statusCode ?? 502, reply.headers);
      reply.pipe(answer);
    });
    answer.once("close", () => asked.destroy());
    asked.on("error", () => answer.destroy()).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
