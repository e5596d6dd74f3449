/**
 * TLS of our own below libavformat, whose RTSP shows no certificate (ffmpeg 5.1: nor has it an option of TLS): libavformat calls a
 * port of this machine, and what it says goes on inside TLS once the camera's certificate is the right one. No connection is checked
 * and another one used. Source: docs/design/ingest.md#certificates.
 */
import { once } from "node:events";
import { type AddressInfo, createServer, isIP, type Server, type Socket } from "node:net";
import { connect, type TLSSocket } from "node:tls";
import { ingestErrors } from "../../error-codes.ts";

/** RTSPS where the address names no port, as libavformat has it. */
const RTSPS_PORT = 322;
/** Silence before TLS is agreed on, milliseconds; libavformat waits as long, but we see it hang up only once its words go on. */
const HANDSHAKE_SILENCE_MS = 10_000;
/** libavformat has one connection, and may open the next before we have heard that the last one ended. */
const CONNECTIONS_MAX = 2;

/** How the tunnel is made. */
export interface TlsTunnelOptions {
  readonly cameraId: string;
  /** rtsps://… */
  readonly url: string;
  /** SHA-256 of the certificate that is right now, 64 hex digits in lower case; null: any. */
  readonly expectedSha256: () => string | null;
}

/** A way to one camera. Owner: close() it. */
export class TlsTunnel {
  readonly #options: TlsTunnelOptions;
  readonly #server: Server;
  /** By the socket of libavformat. */
  readonly #open = new Map<Socket, TLSSocket>();
  /** The connection whose certificate was accepted. */
  #through: { readonly local: Socket; readonly sha256: string } | undefined;
  #fault: string | null = null;

  constructor(options: TlsTunnelOptions) {
    this.#options = options;
    this.#server = createServer({ allowHalfOpen: false, pauseOnConnect: true }, (local) => this.#take(local));
    this.#server.maxConnections = CONNECTIONS_MAX;
  }

  /** Begins to listen. Returns what libavformat is to call instead of the camera. Throws: what listening throws. */
  async open(): Promise<string> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    const { port } = this.#server.address() as AddressInfo;
    const inner = new URL(this.#options.url.replace(/^rtsps:/, "rtsp:"));
    inner.host = `127.0.0.1:${port}`;
    // UDP would go past the tunnel, in clear. libavformat takes this word out of the address (libavformat/rtsp.c).
    inner.search = inner.search === "" ? "?tcp" : `${inner.search}&tcp`;
    return inner.href;
  }

  /** Ends everything; may be called twice. */
  close(): void {
    this.#server.close();
    this.#hangUp();
  }

  /** The certificate of the connection that is there now. */
  sha256(): string | null {
    return this.#through?.sha256 ?? null;
  }

  /** Why no connection came about, or why it was ended here; null when nothing is wrong with TLS. */
  fault(): string | null {
    return this.#fault;
  }

  /** Ends a connection whose certificate is not right any more: the owner has named another one. */
  recheck(): void {
    const came = this.sha256();
    if (came !== null && !this.#accepts(came)) {
      this.#hangUp();
    }
  }

  #take(local: Socket): void {
    const url = new URL(this.#options.url);
    const host = url.hostname.replace(/^\[|\]$/g, "");
    const remote = connect({
      ...{ host, port: url.port === "" ? RTSPS_PORT : Number(url.port), allowHalfOpen: false },
      timeout: HANDSHAKE_SILENCE_MS,
      // Cameras sign their own certificates: which one it is counts, not who signed it. A handshake proves that its key is there too.
      rejectUnauthorized: false,
      ...(isIP(host) === 0 ? { servername: host } : {}),
    });
    this.#open.set(local, remote);
    remote.on("timeout", () => {
      if (this.#through?.local !== local) {
        this.#fault = "camera does not answer within 10 s";
        remote.destroy();
      }
    });
    remote.once("secureConnect", () => {
      const sha256 = sha256Of(remote);
      if (!this.#accepts(sha256)) {
        local.destroy();
        return;
      }
      this.#hangUp(local); // what libavformat had before
      this.#through = { local, sha256 };
      local.pipe(remote).pipe(local);
    });
    remote.on("error", (error: NodeJS.ErrnoException) => {
      if (this.#through?.local !== local) {
        this.#fault = handshakeFault(error);
      }
    });
    local.on("error", () => {}); // libavformat hung up: "close" follows
    remote.on("close", () => local.destroy());
    local.on("close", () => {
      remote.destroy();
      this.#open.delete(local);
      this.#through = this.#through?.local === local ? undefined : this.#through;
    });
  }

  #accepts(came: string): boolean {
    const { cameraId, expectedSha256 } = this.#options;
    const expected = expectedSha256();
    const isRight = expected === null || came === expected;
    this.#fault = isRight
      ? null
      : ingestErrors.make("SOURCE_CERTIFICATE_CHANGED", { camera: cameraId, came, expected }).message;
    return isRight;
  }

  #hangUp(except?: Socket): void {
    for (const local of this.#open.keys()) {
      if (local !== except) {
        local.destroy(); // its "close" ends the other side
      }
    }
  }
}

function sha256Of(remote: TLSSocket): string {
  const { fingerprint256 = "" } = remote.getPeerCertificate();
  return fingerprint256.replaceAll(":", "").toLowerCase();
}

/** reason: OpenSSL's words alone; its message is several of its records. */
function handshakeFault(error: NodeJS.ErrnoException & { readonly reason?: string }): string {
  switch (error.code) {
    case "ECONNREFUSED":
      return "camera does not answer: nothing listens at this address and port";
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return "camera does not answer: nobody knows a machine of this name";
    default:
      return `camera does not speak TLS 1.2 or newer at this port: ${error.reason ?? error.message}. Is it the port of rtsps://?`;
  }
}
