/** Takes a stream of H.264 in Annex B apart into access units. Source: ITU-T H.264, 7.3.1, 7.4.1.2 and Annex B. */

const DELIMITER = Buffer.from([0, 0, 1, 9]); // a start code and a NAL unit of type 9: the access unit delimiter
const START_CODE = Buffer.from([0, 0, 1]);

/** Numbers of NAL unit types (table 7-1). */
const NAL = { idr: 5, sps: 7, pps: 8 } as const;

/** Splits at access unit delimiters, which the encoder must write before every picture. */
export class AccessUnitSplitter {
  #pending: Buffer = Buffer.alloc(0);

  /** Takes bytes as they come; returns the access units that they complete. The last is complete when the next begins. */
  push(chunk: Buffer): Buffer[] {
    this.#pending = Buffer.concat([this.#pending, chunk]);
    const units: Buffer[] = [];
    let start = 0;
    for (;;) {
      const next = this.#pending.indexOf(DELIMITER, start + DELIMITER.length);
      if (next < 0) {
        break;
      }
      const end = this.#pending[next - 1] === 0 ? next - 1 : next; // start codes of four bytes
      units.push(this.#pending.subarray(start, end));
      start = end;
    }
    this.#pending = this.#pending.subarray(start);
    return units;
  }
}

/** What a reader must know of an access unit. */
export type UnitFacts = { isKey: boolean; parameterSets: Buffer; codecString: string | undefined };

/** Looks into an access unit. parameterSets: SPS and PPS in Annex B, empty when there are none; codecString: RFC 6381. */
export function factsOf(unit: Buffer): UnitFacts {
  const sets: Buffer[] = [];
  const facts: UnitFacts = { isKey: false, parameterSets: Buffer.alloc(0), codecString: undefined };
  for (const nal of nalUnits(unit)) {
    const type = (nal[0] ?? 0) & 31;
    facts.isKey ||= type === NAL.idr;
    if (type === NAL.sps || type === NAL.pps) {
      sets.push(Buffer.from([0, 0, 0, 1]), nal);
    }
    if (type === NAL.sps) {
      facts.codecString = `avc1.${nal.subarray(1, 4).toString("hex")}`;
    }
  }
  facts.parameterSets = Buffer.concat(sets);
  return facts;
}

function* nalUnits(unit: Buffer): Generator<Buffer> {
  let start = unit.indexOf(START_CODE);
  while (start >= 0) {
    const next = unit.indexOf(START_CODE, start + START_CODE.length);
    const end = next < 0 ? unit.length : unit[next - 1] === 0 ? next - 1 : next;
    yield unit.subarray(start + START_CODE.length, end);
    start = next;
  }
}
