/** Numbers in words for people: sizes, ages, rates, and names that came from other programs. */

const KIB = 1024;

/** Bytes as `4.0 KiB`, `3.0 MiB`. */
export function sizeText(bytes: number): string {
  if (bytes < KIB) {
    return `${bytes} B`;
  }
  const power = Math.min(Math.floor(Math.log2(bytes) / 10), 4);
  const value = bytes / KIB ** power;
  return `${value.toFixed(value < 100 ? 1 : 0)} ${["B", "KiB", "MiB", "GiB", "TiB"][power]}`;
}

/** A duration as `12 ms`, `3.4 s`, `5 min`, `3 h`, `2 d`; what lies ahead of now is `0 ms`. */
export function ageText(ms: number): string {
  const past = Math.max(ms, 0);
  const steps: [number, (value: number) => string][] = [
    [1000, (value) => `${Math.round(value)} ms`],
    [100_000, (value) => `${(value / 1000).toFixed(1)} s`],
    [7_200_000, (value) => `${Math.round(value / 60_000)} min`],
    [172_800_000, (value) => `${Math.round(value / 3_600_000)} h`],
  ];
  const [, say] = steps.find(([below]) => past < below) ?? [
    0,
    (value: number) => `${Math.round(value / 86_400_000)} d`,
  ];
  return say(past);
}

/** A latency in milliseconds with three digits that matter: `0.04`, `1.52`, `48.1`, `312`. */
export function millisText(ms: number): string {
  return ms.toFixed(ms < 10 ? 2 : ms < 100 ? 1 : 0);
}

/** A number from 0 up in few characters: `950`, `12.3`, `0.50`. */
export function rateText(value: number): string {
  return value === 0 ? "0" : value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0);
}

/** A rate in Hz as people say it: `200 Hz`, `48 kHz`, `44.1 kHz`. */
export function frequencyText(hz: number): string {
  return hz < 1000 ? `${hz} Hz` : `${Number((hz / 1000).toFixed(3))} kHz`;
}

/** Text of another program with everything but printable ASCII replaced: it goes to a terminal. */
export function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, "?");
}
