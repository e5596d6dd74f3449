/** Programs that take one stream each, started once a stream: srt-live-transmit (Debian's srt-tools) and ffmpeg. */
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { systemClock } from "@lanthorn/base";
import { LATENCY_MS, type Sent, type Target } from "../cameras.ts";
import { Program } from "../program.ts";
import type { Received, Receiver } from "./receiver.ts";

const PASSPHRASE = "bench-bench-bench-bench";
const MESSAGE_BYTES = 1316;

type Kind = {
  /** Its command line. */
  command: (port: number) => [string, string[]];
  /** Packets handed on by one process, if it can be known. */
  handedOn?: (program: Program) => number;
};

const KINDS: Record<"srtLiveTransmit" | "ffmpeg", Kind> = {
  srtLiveTransmit: {
    command: (port) => [
      "srt-live-transmit",
      [`srt://127.0.0.1:${port}?mode=listener&latency=${LATENCY_MS}&passphrase=${PASSPHRASE}`, "file://con"],
    ],
    // It writes each message to stdout: the kernel counts the bytes.
    // Less than a packet lies in its buffer.
    handedOn: ({ pid }) => Math.ceil(writtenBytes(pid) / MESSAGE_BYTES),
  },
  ffmpeg: {
    command: (port) => {
      const url = `srt://127.0.0.1:${port}?mode=listener&latency=${LATENCY_MS * 1000}&passphrase=${PASSPHRASE}`;
      return ["ffmpeg", ["-nostdin", "-v", "error", "-i", url, "-c", "copy", "-f", "null", "-"]];
    },
  },
};

function writtenBytes(pid: number): number {
  return Number(/^wchar: (\d+)$/m.exec(readFileSync(`/proc/${pid}/io`, "utf8"))?.[1]);
}

/** UDP ports that nobody has now. */
async function freePorts(count: number): Promise<number[]> {
  const sockets = Array.from({ length: count }, () => createSocket("udp4"));
  await Promise.all(
    sockets.map(async (socket) => {
      socket.bind(0, "127.0.0.1");
      await once(socket, "listening");
    }),
  );
  const ports = sockets.map((socket) => socket.address().port);
  for (const socket of sockets) {
    socket.close();
  }
  return ports;
}

function listens(port: number): boolean {
  const local = `0100007F:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  return readFileSync("/proc/net/udp", "utf8").includes(local);
}

/** libsrt tells on stderr what it gave up: "RCV-DROPPED 3 packet(s)". */
function droppedPackets(program: Program): number {
  return [...program.errors().matchAll(/RCV-DROPPED (\d+) packet/g)].reduce((sum, [, count]) => sum + Number(count), 0);
}

/** One process a stream, each on a port of its own. */
export async function openOneProcessEach(kind: keyof typeof KINDS, streams: number): Promise<Receiver> {
  const { command, handedOn } = KINDS[kind];
  const ports = await freePorts(streams);
  const programs = ports.map((port) => new Program(...command(port), "nowhere"));
  for (const port of ports) {
    while (!listens(port)) {
      await systemClock.sleep(20);
    }
  }
  return {
    targets: ports.map((port): Target => ({ port, passphrase: PASSPHRASE, streamId: "" })),
    pids: () => programs.map(({ pid }) => pid),
    received: async (sent: Sent): Promise<Received> => {
      await systemClock.sleep(2 * LATENCY_MS);
      // What the sender drops, the receiver drops too, if it is told in time.
      const dropped = Math.max(
        sent.pktSndDrop,
        programs.reduce((sum, program) => sum + droppedPackets(program), 0),
      );
      const told = handedOn && programs.reduce((sum, program) => sum + handedOn(program), 0);
      return {
        // ffmpeg hands on nothing that could be counted: what was sent and not dropped came.
        pktReceived: told ?? sent.pktSent - dropped,
        pktLost: sent.pktSndLoss, // as they told their senders
        pktDropped: dropped,
        continuityErrors: null,
      };
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all(programs.map((program) => program.stop()));
    },
  };
}
