/** `lanthorn-rings ls`: what rings exist, who writes them and who reads them. */
import { elapsedMs, systemClock } from "@lanthorn/base";
import { leasedSlots, lookAtRings, type RingFacts } from "../ring-facts.ts";
import { EXIT_OK, parseCommandLine, usageError } from "../sub-command.ts";
import { type Column, tableLines } from "../table.ts";
import { outputWidthChars } from "../terminal.ts";
import { ageText, sizeText } from "../words.ts";

const HELP = `Usage: lanthorn-rings ls [prefix] [--json]

Lists the rings whose names begin with prefix (all, without one).

  WRITER   program(pid), or "gone" when a crash left the ring behind
  SIZE     slots × size of a slot, or the capacity
  AGE      since the newest frame was published, or the newest record captured
  BUSY     frames the writer dropped because no slot was free
  READERS  programs that sit in it; ×n: leases n slots

  --json   one JSON array instead of the table; its keys: docs/ref/lanthorn-rings.md
  --help   this text
`;

/** Runs the sub-command. Throws: RING_OPTION_INVALID. */
export async function ls(argv: string[]): Promise<number> {
  const { values, positionals } = parseCommandLine("ls", argv, { json: { type: "boolean" } });
  if (values.help === true) {
    process.stdout.write(HELP);
    return EXIT_OK;
  }
  if (positionals.length > 1) {
    throw usageError("ls", `Expected one prefix but received ${positionals.length}: ${positionals.join(" ")}`);
  }
  const [prefix = ""] = positionals;
  const rings = lookAtRings(prefix);
  const nowMonoNs = systemClock.monoNs();
  if (values.json === true) {
    process.stdout.write(
      `${JSON.stringify(
        rings.map((ring) => ringJson(ring, nowMonoNs)),
        null,
        2,
      )}\n`,
    );
  } else if (rings.length === 0) {
    process.stdout.write(`No ring in /dev/shm${prefix === "" ? "" : ` begins with ${prefix}`}\n`);
  } else {
    process.stdout.write(`${tableLines(columns(nowMonoNs), rings, outputWidthChars()).join("\n")}\n`);
  }
  return EXIT_OK;
}

function columns(nowMonoNs: bigint): Column<RingFacts>[] {
  return [
    { title: "RING", cell: ({ name }) => name, minWidth: 24 },
    { title: "KIND", cell: ({ kind }) => kind, dropOrder: 3 },
    { title: "WRITER", cell: writerText, minWidth: 11 },
    { title: "FORMAT", cell: ({ format }) => format, minWidth: 12 },
    { title: "SIZE", cell: sizeOf, right: true, dropOrder: 2 },
    { title: "SEQUENCE", cell: ({ lastSequence }) => `${lastSequence}`, right: true },
    {
      title: "AGE",
      cell: (ring) => (ring.newest === undefined ? "-" : ageText(ageMs(ring, nowMonoNs) ?? 0)),
      right: true,
    },
    { title: "BUSY", cell: ({ busy, kind }) => (kind === "slots" ? `${busy}` : "-"), right: true, dropOrder: 1 },
    { title: "READERS", cell: readersText, minWidth: 10 },
  ];
}

function writerText({ alive, program, writerPid }: RingFacts): string {
  return alive ? `${program}(${writerPid})` : "gone";
}

function sizeOf({ kind, slots, slotBytes, capacityBytes }: RingFacts): string {
  return kind === "slots" ? `${slots}×${sizeText(slotBytes)}` : sizeText(capacityBytes);
}

function readersText({ readers, kind }: RingFacts): string {
  const texts = readers.map((reader) => {
    const leases = leasedSlots(reader).length;
    return `${reader.program}(${reader.pid})${leases > 0 ? `×${leases}` : ""}${reader.alive ? "" : " dead"}`;
  });
  return texts.join(" ") || (kind === "slots" ? "none" : "-"); // readers of a byte ring leave no trace
}

function ageMs({ newest }: RingFacts, nowMonoNs: bigint): number | undefined {
  return newest && elapsedMs(newest.publishMonoNs ?? newest.captureMonoNs, nowMonoNs);
}

function ringJson(ring: RingFacts, nowMonoNs: bigint): object {
  const { name, kind, alive, writerPid, program, format, slots, slotBytes, capacityBytes, totalBytes } = ring;
  return {
    name,
    kind,
    alive,
    writer: { pid: writerPid, program },
    format,
    slots,
    slotBytes,
    capacityBytes,
    totalBytes,
    usedBytes: Number(ring.headBytes - ring.tailBytes),
    sequence: Number(ring.lastSequence),
    ageMs: ageMs(ring, nowMonoNs) ?? null,
    busy: Number(ring.busy),
    createdWallUs: ring.createdWallUs,
    incarnation: `${ring.incarnation}`,
    readers: ring.readers.map((reader) => ({
      pid: reader.pid,
      program: reader.program,
      alive: reader.alive,
      leasedSlots: leasedSlots(reader),
      taken: Number(reader.taken),
      missed: Number(reader.missed),
    })),
  };
}
