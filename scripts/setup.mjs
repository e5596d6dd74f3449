/**
 * Brings a bare Debian 12 (Node >= 20, npm) to where Lanthorn can run: Debian packages, npm packages, addons, page.
 * Plain JavaScript on purpose: it runs under whatever Node the machine has, before anything is installed.
 * Each step does nothing, fast, when it is already done.
 */
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

/** The project's root. */
export const root = fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/, "");
/** The pinned Node that everything but this set-up runs under. */
export const pinnedNode = join(root, "node_modules/.bin/node");
const say = (text) => process.stderr.write(`${text}\n`);

/** An end of set-up that the user can do something about: printed without a stack. */
export class SetupError extends Error {}

/** Environment for child processes: the pinned Node and the project's tools come first. */
export function toolEnvironment() {
  return {
    ...process.env,
    PATH: `${join(root, "node_modules/.bin")}:${process.env.PATH}`,
    ONNXRUNTIME_NODE_INSTALL: "skip",
  };
}

/** Does every step. groups: which lists of provisioning/debian-packages.json are wanted. */
export async function setUp({ groups = ["build", "run"] } = {}) {
  const major = Number(process.versions.node.split(".")[0]);
  if (major < 20) {
    throw new SetupError(
      `Expected Node 20 or newer but this is ${process.versions.node}. Install Debian's or nodejs.org's Node 20+.`,
    );
  }
  await ensureDebianPackages(groups);
  await ensureNpmPackages();
  await ensureAddons(groups.includes("test"));
  await ensurePage();
}

async function ensureDebianPackages(groups) {
  const lists = JSON.parse(readFileSync(join(root, "provisioning/debian-packages.json"), "utf8"));
  const wanted = groups.flatMap((group) => lists[group]);
  // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query's own format, not ours
  const query = spawnSync("dpkg-query", ["-W", "-f", "${Package} ${db:Status-Status}\n", ...wanted], {
    encoding: "utf8",
  });
  if (query.error) {
    throw new SetupError(
      `dpkg-query did not run (${query.error.message}): Lanthorn needs Debian 12 or a relative of it.`,
    );
  }
  const installed = new Set(
    query.stdout
      .split("\n")
      .filter((line) => line.endsWith(" installed"))
      .map((line) => line.split(" ")[0]),
  );
  const missing = wanted.filter((name) => !installed.has(name));
  if (missing.length === 0) {
    return;
  }
  const install = `apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends ${missing.join(" ")}`;
  const prefix =
    process.getuid() === 0 ? [] : spawnSync("sudo", ["-n", "true"]).status === 0 ? ["sudo", "-n"] : undefined;
  if (prefix === undefined) {
    throw new SetupError(
      `${missing.length} Debian package(s) are missing and this user may not install them. Run this once, then start again:\n\n  sudo sh -c '${install}'\n`,
    );
  }
  say(`Installing ${missing.length} Debian package(s): ${missing.join(" ")}`);
  await run([...prefix, "sh", "-c", install], { progress: "Debian packages" });
}

async function ensureNpmPackages() {
  const stamp = join(root, "node_modules/.lanthorn-lock");
  const wanted = createHash("sha256")
    .update(readFileSync(join(root, "package-lock.json")))
    .digest("hex");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted && existsSync(pinnedNode)) {
    return;
  }
  // Not `npm ci`: it refuses a lock file without the optional packages of other platforms, which a mirror need not hold.
  // --no-save: versions and hashes of the lock file, which stays as it is.
  await run(["npm", "install", "--no-save", "--no-audit", "--no-fund", "--loglevel=error"], {
    progress: "npm packages",
  });
  writeFileSync(stamp, wanted);
}

async function ensureAddons(withTests) {
  const build = join(root, "native/build");
  // ninja knows best what is out of date; an up-to-date tree costs it a tenth of a second.
  const cache = join(build, "CMakeCache.txt");
  const tests = withTests || (existsSync(cache) && readFileSync(cache, "utf8").includes("LANTHORN_TESTS:BOOL=ON"));
  if (
    !existsSync(join(build, "build.ninja")) ||
    (withTests && !readFileSync(cache, "utf8").includes("LANTHORN_TESTS:BOOL=ON"))
  ) {
    mkdirSync(build, { recursive: true });
    await run(
      ["cmake", "-S", "native", "-B", "native/build", "-G", "Ninja", `-DLANTHORN_TESTS=${tests ? "ON" : "OFF"}`],
      { progress: "configuring addons" },
    );
  }
  await run(["cmake", "--build", "native/build", "--parallel"], { progress: "building addons" });
}

async function ensurePage() {
  const ui = join(root, "services/web/ui");
  const stamp = join(ui, "dist/.lanthorn-sources");
  const wanted = hashTree([ui, join(root, "services/lib/contract/src")]);
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) {
    return;
  }
  await run([pinnedNode, join(root, "node_modules/vite/bin/vite.js"), "build", "--logLevel", "warn"], {
    progress: "building the page",
    cwd: ui,
  });
  writeFileSync(stamp, wanted);
}

function hashTree(folders) {
  const hash = createHash("sha256");
  const visit = (path) => {
    if (/\/(node_modules|dist)$/.test(path)) {
      return;
    }
    if (statSync(path).isDirectory()) {
      for (const name of readdirSync(path).sort()) {
        visit(join(path, name));
      }
    } else {
      hash.update(relative(root, path)).update(readFileSync(path));
    }
  };
  for (const folder of folders) {
    visit(folder);
  }
  return hash.digest("hex");
}

/** Runs a step, showing its newest line on one line of the terminal; on failure shows all it said. */
export function run([command, ...args], { progress, cwd = root }) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env: toolEnvironment(), stdio: ["ignore", "pipe", "pipe"] });
    const startedMs = Date.now();
    let output = "";
    let shown = false;
    const onData = (chunk) => {
      output = (output + chunk).slice(-200_000);
      const line = String(chunk).trim().split("\n").at(-1) ?? "";
      if (Date.now() - startedMs > 300 && process.stderr.isTTY) {
        process.stderr.write(`\r\x1b[K${progress}: ${line.slice(0, 100)}`);
        shown = true;
      }
    };
    child.stdout.on("data", onData);
    child.stderr.on("data", onData);
    const ticker = process.stderr.isTTY
      ? undefined
      : setInterval(
          () =>
            say(
              `${progress}: ${Math.round((Date.now() - startedMs) / 1000)} s, ${output.trim().split("\n").at(-1)?.slice(0, 100)}`,
            ),
          10_000,
        );
    const finish = () => {
      clearInterval(ticker);
      if (shown) {
        process.stderr.write("\r\x1b[K");
      }
    };
    child.on("error", (error) => {
      finish();
      reject(new SetupError(`${progress}: ${command} did not start (${error.message})`));
    });
    child.on("close", (code) => {
      finish();
      const seconds = (Date.now() - startedMs) / 1000;
      if (code !== 0) {
        reject(new SetupError(`${progress} failed (exit ${code}): ${[command, ...args].join(" ")}\n${output}`));
        return;
      }
      if (seconds > 1) {
        say(`${progress}: done in ${seconds.toFixed(1)} s`);
      }
      resolve();
    });
  });
}

/** Runs main and turns a SetupError into one clear message. */
export async function runMain(main) {
  try {
    process.exitCode = await main();
  } catch (error) {
    say(error instanceof SetupError ? `lanthorn: ${error.message}` : String(error.stack ?? error));
    process.exitCode = 1;
  }
}
