/** The two services a camera meets, started as processes, and what tests ask of them. */
import { requestJson } from "@lanthorn/base";
import { type CameraLink, IngestStatus, Rejection, ringName } from "@lanthorn/contract";
import { makeTemporaryHome, type ServiceProcess, startService, type TemporaryHome, waitUntil } from "@lanthorn/testing";

/** What services/cameras gave out for a camera that calls us. */
export interface Issued {
  readonly streamId: string;
  readonly passphrase: string;
}

/** services/cameras and services/ingest in a home of their own. Owner: declare it with `await using`. */
export class House implements AsyncDisposable {
  readonly home = makeTemporaryHome();
  readonly services: ServiceProcess[] = [];
  srtPort = 0;

  /** Starts both. environment: of ingest, beside the usual. */
  async open(environment: Record<string, string> = {}): Promise<this> {
    this.services.push(await startService("cameras", this.home));
    await this.startIngest(environment);
    return this;
  }

  /** Starts ingest, on the port it had before. */
  async startIngest(environment: Record<string, string> = {}): Promise<ServiceProcess> {
    const settings = ["--set", `srt.port=${this.srtPort}`];
    const ingest = await startService("ingest", this.home, { arguments: settings, environment });
    this.services.push(ingest);
    this.srtPort = (await this.status()).srtPort;
    return ingest;
  }

  /** Asks a service of this house. */
  async ask<T>(service: "cameras" | "ingest", request: Parameters<typeof requestJson>[2]): Promise<T> {
    return await requestJson<T>(this.home.runDir, service, request);
  }

  /** Registers a camera and waits until ingest knows it. */
  async register(id: string, source: object = { kind: "srt-listener" }, more: object = {}): Promise<Issued> {
    const json = { id, name: id, source, ...more };
    const issued = await requestJson<Issued>(this.home.runDir, "cameras", { method: "POST", path: "/cameras", json });
    await waitUntil(`ingest knows ${id}`, async () => (await this.link(id)) !== undefined);
    return issued;
  }

  /** What ingest says of itself. */
  async status(): Promise<IngestStatus> {
    return IngestStatus.parse(await requestJson(this.home.runDir, "ingest", { path: "/status" }));
  }

  /** What ingest says of a camera. */
  async link(id: string): Promise<CameraLink | undefined> {
    return (await this.status()).cameras.find((link) => link.id === id);
  }

  /** The camera's row once the condition holds. */
  async linkWhen(id: string, what: string, condition: (link: CameraLink) => boolean): Promise<CameraLink> {
    return await waitUntil(`${id}: ${what}`, async () => {
      const link = await this.link(id);
      return link !== undefined && condition(link) ? link : undefined;
    });
  }

  /** Who was turned away. */
  async rejections(): Promise<Rejection[]> {
    return Rejection.array().parse(await requestJson(this.home.runDir, "ingest", { path: "/rejections" }));
  }

  /** The address a camera is given. */
  url(streamId: string, passphrase: string): string {
    return `srt://127.0.0.1:${this.srtPort}?pbkeylen=32&streamid=${streamId}&passphrase=${passphrase}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const service of this.services.toReversed()) {
      await service.stop();
    }
    this.home.remove();
  }
}

/** The name of a camera's packet ring. */
export function packetRing(home: TemporaryHome, id: string): string {
  return ringName(home.ringPrefix, id as CameraLink["id"], "packets");
}
