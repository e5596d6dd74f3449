/**
 * A network between a camera and this box that loses, delays and mixes up packets: tc netem on both ends of a wire into a network
 * namespace, where this is root and the kernel has netem; elsewhere a relay of UDP packets that does the same.
 */
import { execFileSync } from "node:child_process";
import { randomBytes, randomInt } from "node:crypto";
import { NATIVE, Program } from "../bench/program.ts";

/** What happens to packets of one direction; netem's meanings. */
export interface Conditions {
  readonly delayMs: number;
  /** Even, more or less; later packets may overtake. */
  readonly jitterMs?: number;
  readonly lossPercent?: number;
  /** So many go at once instead of after delayMs. */
  readonly reorderPercent?: number;
}

/** The wire from a camera to a port of this box. Owner: remove() it. */
export interface BadNetwork {
  readonly kind: "netem" | "relay";
  /** Whom the camera calls. */
  readonly host: string;
  readonly port: number;
  /** What starts the camera's program at its end of the wire. */
  readonly command: readonly string[];
  conditions(fromCamera: Conditions, fromBox: Conditions): Promise<void>;
  remove(): Promise<void>;
}

/** Lays the wire. */
export async function openBadNetwork(boxPort: number): Promise<BadNetwork> {
  return process.getuid?.() === 0 && kernelHasNetem() ? openNamespace(boxPort) : await openRelay(boxPort);
}

const run = (command: string, ...args: string[]) => execFileSync(command, args, { stdio: ["ignore", "pipe", "pipe"] });

function kernelHasNetem(): boolean {
  const name = `ltn-${randomBytes(4).toString("hex")}`;
  try {
    run("ip", "netns", "add", name);
    try {
      run("tc", "-n", name, "qdisc", "replace", "dev", "lo", "root", "netem", "delay", "1ms");
      return true;
    } finally {
      run("ip", "netns", "delete", name);
    }
  } catch {
    return false;
  }
}

async function openRelay(boxPort: number): Promise<BadNetwork> {
  const program = new Program(NATIVE, ["relay", `to=${boxPort}`, `seed=${randomInt(2 ** 31)}`]);
  const port = Number((await program.line()).split(" ")[1]);
  const set = async (side: "camera" | "box", conditions: Conditions) => {
    const { delayMs, jitterMs = 0, lossPercent = 0, reorderPercent = 0 } = conditions;
    program.tell([side, delayMs, jitterMs, lossPercent, reorderPercent].join(" "));
    await program.line();
  };
  return {
    kind: "relay",
    host: "127.0.0.1",
    port,
    command: [],
    conditions: async (fromCamera, fromBox) => {
      await set("camera", fromCamera);
      await set("box", fromBox);
    },
    remove: async () => await program.stop(),
  };
}

/** netem's words. */
function netem({ delayMs, jitterMs, lossPercent, reorderPercent }: Conditions): string[] {
  return [
    // limit: packets under way; tc's own 1,000 is less than a second of a stream.
    ...["root", "netem", "limit", "100000", "delay", `${delayMs}ms`],
    ...(jitterMs === undefined ? [] : [`${jitterMs}ms`]),
    ...(lossPercent === undefined ? [] : ["loss", `${lossPercent}%`]),
    ...(reorderPercent === undefined ? [] : ["reorder", `${reorderPercent}%`]),
  ];
}

function openNamespace(boxPort: number): BadNetwork {
  const name = `ltn-${randomBytes(4).toString("hex")}`; // names of interfaces: 15 characters at most
  // 198.18.0.0/15 is set aside for measuring networks (RFC 2544); four addresses of it for this wire.
  const prefix = `198.${18 + randomInt(2)}.${randomInt(256)}`;
  const first = 4 * randomInt(64);
  const [box, camera, host] = [`${name}b`, `${name}c`, `${prefix}.${first + 1}`];
  run("ip", "netns", "add", name);
  const remove = async () => {
    run("ip", "netns", "delete", name); // the wire goes with it
  };
  try {
    run("ip", "link", "add", box, "type", "veth", "peer", "name", camera, "netns", name);
    run("ip", "address", "add", `${host}/30`, "dev", box);
    run("ip", "link", "set", box, "up");
    run("ip", "-n", name, "address", "add", `${prefix}.${first + 2}/30`, "dev", camera);
    run("ip", "-n", name, "link", "set", camera, "up");
  } catch (error) {
    run("ip", "netns", "delete", name);
    throw error;
  }
  return {
    kind: "netem",
    host,
    port: boxPort,
    command: ["ip", "netns", "exec", name],
    conditions: async (fromCamera, fromBox) => {
      run("tc", "-n", name, "qdisc", "replace", "dev", camera, ...netem(fromCamera));
      run("tc", "qdisc", "replace", "dev", box, ...netem(fromBox));
    },
    remove,
  };
}
