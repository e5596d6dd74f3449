/** What hostile callers send to an SRT port, packet by packet. Source: draft-sharabayko-srt-01 sections 3.2.1, 3.2.2 and 4.3. */
import { randomBytes, randomInt } from "node:crypto";
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";

const HEADER_BYTES = 16;
const HANDSHAKE_BYTES = 48;
/** Type of the first request, which asks for a cookie, and of the second, which carries it. */
const INDUCTION = 1;
const CONCLUSION = 0xffff_ffff;
/** Extension flags and types. */
const HAS_HSREQ = 1;
const HAS_KMREQ = 2;
const HAS_CONFIG = 4;
const HSREQ = 1;
const KMREQ = 3;
const STREAM_ID = 5;
/** At which byte of a handshake packet the cookie stands. */
const COOKIE_AT = HEADER_BYTES + 28;
/** Answers come at once on loopback; a lost one is asked for again. */
const ANSWER_MS = 200;

/** A handshake packet that asks for a connection. */
export interface Request {
  readonly cookie?: number;
  readonly streamId?: string;
  /** Key material that nobody's passphrase opens. */
  readonly wrongKey?: boolean;
}

function extension(type: number, content: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16BE(type, 0);
  head.writeUInt16BE(Math.ceil(content.length / 4), 2);
  return Buffer.concat([head, content, Buffer.alloc((4 - (content.length % 4)) % 4)]);
}

/** The stream id travels as words in the other byte order. */
function streamIdContent(text: string): Buffer {
  const padded = Buffer.alloc(Math.ceil(Buffer.byteLength(text) / 4) * 4);
  padded.write(text);
  return padded.swap32();
}

function keyMaterial(): Buffer {
  const keyBytes = 32;
  const head = Buffer.from([0x12, 0x20, 0x29, 0x01, 0, 0, 0, 0, 2, 0, 2, 0, 0, 0, 4, keyBytes / 4]);
  return Buffer.concat([head, randomBytes(16), randomBytes(keyBytes + 8)]);
}

/** Makes a first request, or with a cookie a second one. */
export function handshake({ cookie, streamId, wrongKey = false }: Request): Buffer {
  const packet = Buffer.alloc(HEADER_BYTES + HANDSHAKE_BYTES);
  packet.writeUInt32BE(0x8000_0000, 0); // control packet, handshake
  const cif = packet.subarray(HEADER_BYTES);
  cif.writeUInt32BE(cookie === undefined ? 4 : 5, 0);
  const flags = HAS_HSREQ | (wrongKey ? HAS_KMREQ : 0) | (streamId === undefined ? 0 : HAS_CONFIG);
  cif.writeUInt32BE(cookie === undefined ? 2 : ((wrongKey ? 4 : 0) << 16) | flags, 4);
  cif.writeUInt32BE(randomInt(2 ** 31), 8); // first sequence number
  cif.writeUInt32BE(1500, 12);
  cif.writeUInt32BE(8192, 16);
  cif.writeUInt32BE(cookie === undefined ? INDUCTION : CONCLUSION, 20);
  cif.writeUInt32BE(1 + randomInt(2 ** 30 - 1), 24); // socket id
  cif.writeUInt32BE(cookie ?? 0, 28);
  cif.set([1, 0, 0, 127], 32); // 127.0.0.1
  if (cookie === undefined) {
    return packet;
  }
  const parts = [packet, extension(HSREQ, Buffer.from([0, 1, 5, 1, 0, 0, 0, 0xbf, 0, 120, 0, 0]))];
  if (wrongKey) {
    parts.push(extension(KMREQ, keyMaterial()));
  }
  if (streamId !== undefined) {
    parts.push(extension(STREAM_ID, streamIdContent(streamId)));
  }
  return Buffer.concat(parts);
}

/** One UDP socket of a hostile caller. Owner: declare it with `await using`. */
export class Attacker {
  readonly #socket: Socket;
  readonly #port: number;
  #cookie: number | undefined;
  /** Reject codes that came back, e.g. 1010 wrong key, 2404 unknown; 1000 is added by the protocol. */
  readonly answers = new Map<number, number>();

  private constructor(socket: Socket, port: number) {
    this.#socket = socket;
    this.#port = port;
    socket.on("error", () => {});
    socket.on("message", (answer) => {
      if (answer.length < HEADER_BYTES + HANDSHAKE_BYTES || answer.readUInt32BE(0) !== 0x8000_0000) {
        return;
      }
      const type = answer.readUInt32BE(HEADER_BYTES + 20);
      if (type === INDUCTION) {
        this.#cookie = answer.readUInt32BE(COOKIE_AT);
      } else {
        this.answers.set(type, (this.answers.get(type) ?? 0) + 1);
      }
    });
  }

  /** Binds a socket of its own; host: where it comes from, any of 127.0.0.0/8. */
  static async open(port: number, host = "127.0.0.1"): Promise<Attacker> {
    const socket = createSocket("udp4").bind(0, host);
    await once(socket, "listening");
    return new Attacker(socket, port);
  }

  /** Sends a packet as it is. */
  send(packet: Buffer): void {
    this.#socket.send(packet, this.#port, "127.0.0.1");
  }

  /** Begins a handshake and returns its cookie: what a slow caller does, who then never goes on. */
  async begin(): Promise<number> {
    for (let tries = 0; this.#cookie === undefined && tries < 50; tries += 1) {
      this.send(handshake({}));
      for (let waitedMs = 0; this.#cookie === undefined && waitedMs < ANSWER_MS; waitedMs += 5) {
        await sleep(5);
      }
    }
    return this.#cookie ?? 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.close();
    await once(this.#socket, "close");
  }
}
