import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { SERVICES, type ServiceSpec } from "../services.ts";
import { unitFiles, unitName } from "../units/unit-text.ts";

const UNITS_DIR = fileURLToPath(new URL("../units/", import.meta.url));
const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** Largest overall exposure, in tenths as --threshold= wants it. Where one is not reached, the reason is in docs/design/units.md. */
const MAX_EXPOSURE_TENTHS: Readonly<Record<ServiceSpec["network"], number>> = { lan: 15, loopback: 15, none: 10 };

const unitNames = readdirSync(UNITS_DIR).filter((name) => name.endsWith(".service"));
let temporary: string;

before(() => {
  temporary = mkdtempSync(join(tmpdir(), "lanthorn-units-"));
});

after(() => rmSync(temporary, { recursive: true, force: true }));

function run(program: string, args: readonly string[]): { status: number | null; output: string; stdout: string } {
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: "utf8", timeout: 60_000 });
  assert.equal(error, undefined, `${program} cannot be run: ${error?.message}. Debian has it in the package systemd`);
  return { status, stdout, output: `${stdout}${stderr}` };
}

test("there is one unit for each service of the list, and no other", () => {
  assert.ok(SERVICES.length > 0);
  assert.deepEqual(unitNames.toSorted(), SERVICES.map(({ name }) => `${unitName(name)}.service`).toSorted());
});

test("the committed units are what the list of services gives now", () => {
  const files = unitFiles(SERVICES);
  assert.ok(files.length > SERVICES.length);
  for (const { name, text } of files) {
    assert.equal(readFileSync(join(UNITS_DIR, name), "utf8"), text, `${name}: run node provisioning/units/generate.ts`);
  }
});

test("the list names real services, in an order in which each comes after those it waits for", () => {
  const earlier = new Set<string>();
  for (const service of SERVICES) {
    assert.deepEqual(
      service.after.filter((name) => !earlier.has(name)),
      [],
      service.name,
    );
    assert.equal(service.main, `services/${service.name}/main.ts`);
    assert.match(readFileSync(join(ROOT, service.main), "utf8"), /runService\(/, service.main);
    earlier.add(service.name);
  }
});

test("systemd-analyze verify finds nothing to say about any unit", () => {
  // It insists on an executable that exists. The installed tree does not, where tests run: a copy names /bin/true instead.
  const directory = join(temporary, "verify");
  mkdirSync(directory);
  const copies = [...unitNames, "lanthorn.target"].map((name) => {
    const text = readFileSync(join(UNITS_DIR, name), "utf8");
    const copy = join(directory, name);
    const changed = text.replace(/^ExecStart=.*$/m, "ExecStart=/bin/true");
    assert.equal(changed !== text, name.endsWith(".service"), `${name} has an ExecStart`);
    writeFileSync(copy, changed);
    return copy;
  });
  assert.equal(copies.length, SERVICES.length + 1);
  const { status, output } = run("systemd-analyze", ["verify", "--man=no", "--recursive-errors=no", ...copies]);
  // Exit status 0 means little: an unknown key or value is only a line of output.
  assert.equal(output, "");
  assert.equal(status, 0);
});

test("systemd-analyze verify, as used here, would find a misspelt value", () => {
  const unit = join(temporary, "lanthorn-misspelt.service");
  writeFileSync(unit, "[Service]\nExecStart=/bin/true\nRestart=allways\n");
  assert.match(run("systemd-analyze", ["verify", "--man=no", unit]).output, /allways/);
});

for (const service of SERVICES) {
  test(`${service.name} (network: ${service.network}) is exposed no more than allowed`, (context) => {
    const unit = join(UNITS_DIR, `${unitName(service.name)}.service`);
    const tenths = MAX_EXPOSURE_TENTHS[service.network];
    const { status, output } = run("systemd-analyze", ["security", "--offline=true", `--threshold=${tenths}`, unit]);
    const overall = /Overall exposure level for \S+: (\d+\.\d+)/.exec(output)?.[1];
    assert.ok(overall !== undefined, output);
    context.diagnostic(`exposure ${overall}, allowed ${tenths / 10}`);
    assert.equal(status, 0, `${overall} is above ${tenths / 10}:\n${output}`);
  });
}

test("the security findings of every unit are readable as JSON, and the threshold fails a plain unit", () => {
  for (const name of unitNames) {
    const { stdout } = run("systemd-analyze", ["security", "--offline=true", "--json=short", join(UNITS_DIR, name)]);
    assert.ok((JSON.parse(stdout) as unknown[]).length > 50, name);
  }
  const plain = join(temporary, "plain.service");
  writeFileSync(plain, "[Service]\nType=notify\nExecStart=/bin/true\n");
  assert.equal(run("systemd-analyze", ["security", "--offline=true", "--threshold=15", plain]).status, 1);
});

test("services that see no network have none, and no other service can reach the internet", () => {
  for (const { name, network } of SERVICES) {
    const text = readFileSync(join(UNITS_DIR, `${unitName(name)}.service`), "utf8");
    assert.match(text, /^IPAddressDeny=any$/m, name);
    assert.equal(/^PrivateNetwork=yes$/m.test(text), network === "none", name);
    const allowed = /^IPAddressAllow=(.*)$/m.exec(text)?.[1]?.split(" ") ?? [];
    assert.equal(allowed.length === 0, network === "none", name);
    assert.ok(!allowed.some((range) => range === "any" || range.endsWith("/0")), name);
  }
});

test("nothing takes shared rings away, and every unit says why V8 needs writable code", () => {
  for (const name of unitNames) {
    const text = readFileSync(join(UNITS_DIR, name), "utf8");
    assert.doesNotMatch(text, /^(DynamicUser|RemoveIPC|MemoryDenyWriteExecute)=/m, name);
    assert.match(text, /^# MemoryDenyWriteExecute= is impossible/m, name);
    assert.match(text, /^Group=lanthorn$/m, name);
    assert.match(text, /^UMask=0007$/m, name);
  }
});

test("writers of frames and packets cannot shorten a ring that others have mapped", () => {
  for (const service of ["ingest", "decode"]) {
    assert.match(
      readFileSync(join(UNITS_DIR, `${unitName(service)}.service`), "utf8"),
      /^SystemCallFilter=~ftruncate truncate$/m,
    );
  }
});

test("only ingest may let a thread run before others, by one call and never in real time", () => {
  for (const { name } of SERVICES) {
    const text = readFileSync(join(UNITS_DIR, `${unitName(name)}.service`), "utf8");
    const isIngest = name === "ingest";
    assert.equal(/^LimitNICE=-10$/m.test(text), isIngest, name);
    assert.equal(/^SystemCallFilter=sched_setattr$/m.test(text), isIngest, name);
    assert.equal(/^LimitRTPRIO=0$/m.test(text), isIngest, name);
    assert.match(text, /^CapabilityBoundingSet=$/m, name);
  }
  // What the unit allows is what the code asks for.
  const asked = readFileSync(join(ROOT, "native/srt/core/receive_threads.hpp"), "utf8");
  assert.match(asked, /kReceiveNice = -10;/);
});

test("the image lets ingest's UDP buffer be as large as it asks for", () => {
  const asked = readFileSync(join(ROOT, "native/srt/core/socket_options.cpp"), "utf8");
  const mib = Number(/kUdpBufferBytes = (\d+) \* 1024 \* 1024;/.exec(asked)?.[1]);
  const text = readFileSync(join(UNITS_DIR, "lanthorn.sysctl.conf"), "utf8");
  const settings = [...text.matchAll(/^([a-z._]+) = (\d+)$/gm)].map(([, key, value]) => [key, Number(value)]);
  assert.deepEqual(settings, [["net.core.rmem_max", mib * 2 ** 20]]);
  readFileSync("/proc/sys/net/core/rmem_max"); // throws where the kernel knows no such setting
});

test("decode, which parses hostile bitstreams, has no directory to write to", () => {
  const text = readFileSync(join(UNITS_DIR, "lanthorn-decode.service"), "utf8");
  assert.doesNotMatch(text, /StateDirectory/);
  assert.match(text, /^ProtectSystem=strict$/m);
  assert.match(text, /^ReadWritePaths=\/run\/lanthorn$/m);
});

test("a service with devices gets those and no private /dev", () => {
  const spec = { ...(SERVICES[0] as ServiceSpec), devices: ["/dev/dri/renderD128"], supplementaryGroups: ["render"] };
  const files = unitFiles([spec]);
  const unit = files.find(({ name }) => name.endsWith(".service"))?.text ?? "";
  assert.match(unit, /^DeviceAllow=\/dev\/dri\/renderD128 rw$/m);
  assert.match(unit, /^SupplementaryGroups=render$/m);
  assert.doesNotMatch(unit, /^PrivateDevices=/m);
  assert.match(files.find(({ name }) => name.includes("sysusers"))?.text ?? "", /^g render - -$/m);
});

const needsRoot = process.getuid?.() === 0 ? false : "skipped: making users in another root needs root";

test("systemd-sysusers makes every user in the shared group", { skip: needsRoot }, () => {
  const root = join(temporary, "users");
  mkdirSync(join(root, "etc"), { recursive: true });
  const { status, output } = run("systemd-sysusers", [`--root=${root}`, join(UNITS_DIR, "lanthorn.sysusers.conf")]);
  assert.equal(status, 0, output);
  const passwd = readFileSync(join(root, "etc/passwd"), "utf8");
  const group = readFileSync(join(root, "etc/group"), "utf8");
  const members = /^lanthorn:[^:]*:\d+:(.*)$/m.exec(group)?.[1]?.split(",") ?? [];
  for (const { name } of SERVICES) {
    assert.match(passwd, new RegExp(`^${unitName(name)}:`, "m"));
    assert.ok(members.includes(unitName(name)), `${name} in ${members.join()}`);
  }
});
