/** The priority of libsrt's receiving thread for a user without rights: as systemd's LimitNICE= gives it, and without. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";

const NOBODY = 65_534;
/** RLIMIT_NICE of LimitNICE=-10: 20 less the nice value. */
const LIMIT_OF_UNIT = 30;

/** Opens a listener as nobody, and tells what it says and what /proc says of the thread. */
const PROGRAM = `
  import { readdirSync, readFileSync } from "node:fs";
  import { SrtListener } from ${JSON.stringify(join(import.meta.dirname, "../../../native/srt/src/index.ts"))};
  const listener = SrtListener.listen({ host: "127.0.0.1", port: 0 });
  const nices = readdirSync("/proc/self/task").flatMap((task) => {
    const stat = readFileSync("/proc/self/task/" + task + "/stat", "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return stat.includes("SRT:RcvQ") ? [Number(fields[16])] : [];
  });
  console.log(JSON.stringify({ uid: process.getuid(), told: listener.udp().threadNice, nices }));
  listener.close();
`;

function asNobody(limit: number): { uid: number; told: number; nices: number[] } {
  const user = [
    "setpriv",
    `--reuid=${NOBODY}`,
    `--regid=${NOBODY}`,
    "--clear-groups",
    "--inh-caps=-all",
    "--bounding-set=-all",
  ];
  const all = [`--nice=${limit}:${limit}`, ...user, process.execPath, "--input-type=module", "-e", PROGRAM];
  const { status, stdout, stderr } = spawnSync("prlimit", all, { encoding: "utf8", cwd: "/" });
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout);
}

const isRoot = process.getuid?.() === 0;
const NOT_ROOT = "SKIPPED: only root can become another user: the receiving thread's priority was not tested";
/** Raising a limit needs CAP_SYS_RESOURCE, which root of a container may lack. */
const mayRaise = isRoot && spawnSync("prlimit", [`--nice=${LIMIT_OF_UNIT}:${LIMIT_OF_UNIT}`, "true"]).status === 0;
const NO_LIMIT = isRoot
  ? "SKIPPED: root may not raise RLIMIT_NICE here (CAP_SYS_RESOURCE): the unit's LimitNICE= was not tested"
  : NOT_ROOT;

test("with the unit's limit a user without rights gets the receiving thread to nice -10, and only that", {
  skip: mayRaise ? false : NO_LIMIT,
}, () => {
  assert.deepEqual(asNobody(LIMIT_OF_UNIT), { uid: NOBODY, told: -10, nices: [-10] });
});

test("without the limit the thread stays as it is, which is told, and the port is open all the same", {
  skip: isRoot ? false : NOT_ROOT,
}, () => {
  assert.deepEqual(asNobody(0), { uid: NOBODY, told: 0, nices: [0] });
});
