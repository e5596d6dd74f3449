/** Sounds without a seam: the phase goes on from one block to the next. */

const FULL_TURN = 2 * Math.PI;
const QUARTER_S = 0.5;

/** Hertz; 12 equal steps an octave from A4 = 440. */
const C4 = 261.63;
const D4 = 293.66;
const E4 = 329.63;
const F4 = 349.23;
const G4 = 392;

/** Beethoven, Ode to Joy: frequency and length in quarters. */
const MELODY: readonly (readonly [frequencyHz: number, quarters: number])[] = [
  ...([E4, E4, F4, G4, G4, F4, E4, D4, C4, C4, D4, E4] as const).map((note) => [note, 1] as const),
  [E4, 1.5],
  [D4, 0.5],
  [D4, 2],
];
const MELODY_S = MELODY.reduce((sum, [, quarters]) => sum + quarters * QUARTER_S, 0);
const EDGE_S = 0.01; // notes begin and end softly: a step would be heard as a click
const DECAY_S = 0.45;

/** The note at a time, how long it has sounded, and how long it will. The melody repeats. */
export function noteAt(elapsedS: number): { frequencyHz: number; sinceS: number; leftS: number } {
  let sinceS = elapsedS % MELODY_S;
  for (const [frequencyHz, quarters] of MELODY) {
    const leftS = quarters * QUARTER_S - sinceS;
    if (leftS > 0) {
      return { frequencyHz, sinceS, leftS };
    }
    sinceS = -leftS;
  }
  return { frequencyHz: C4, sinceS: 0, leftS: 0 };
}

/** Fills interleaved samples (-1 to 1), going on where the block before ended. firstIndex: of the first sample of each channel. */
export type Sound = (block: Float32Array, firstIndex: number, sampleRateHz: number) => void;

/** A melody with two overtones and a little noise, one channel. */
export function tuneSound(): Sound {
  let phase = 0;
  return (block, firstIndex, sampleRateHz) => {
    for (let i = 0; i < block.length; i++) {
      const { frequencyHz, sinceS, leftS } = noteAt((firstIndex + i) / sampleRateHz);
      phase = (phase + (FULL_TURN * frequencyHz) / sampleRateHz) % FULL_TURN;
      const loudness = Math.min(1, sinceS / EDGE_S, leftS / EDGE_S) * Math.exp(-sinceS / DECAY_S);
      const tone = Math.sin(phase) + 0.3 * Math.sin(2 * phase) + 0.1 * Math.sin(3 * phase);
      block[i] = 0.35 * loudness * tone + noise();
    }
  };
}

/** The lowest and the highest frequency of the sweep, and how long it takes to go up and down again. */
export const SWEEP = { lowHz: 110, highHz: 1760, periodS: 8 } as const;

/** Frequency of the sweep at a time: up and down by equal steps of pitch. */
export function sweepHz(elapsedS: number): number {
  const up01 = 1 - Math.abs(((elapsedS / SWEEP.periodS) % 1) * 2 - 1);
  return SWEEP.lowHz * (SWEEP.highHz / SWEEP.lowHz) ** up01;
}

/** A tone that rises and falls and wanders from ear to ear, with a little noise, two channels. */
export function sweepSound(): Sound {
  let phase = 0;
  return (block, firstIndex, sampleRateHz) => {
    for (let i = 0; i < block.length / 2; i++) {
      const elapsedS = (firstIndex + i) / sampleRateHz;
      phase = (phase + (FULL_TURN * sweepHz(elapsedS)) / sampleRateHz) % FULL_TURN;
      const direction = Math.PI / 4 + (Math.PI / 5) * Math.sin((FULL_TURN * elapsedS) / 5);
      const tone = 0.3 * Math.sin(phase);
      block[i * 2] = tone * Math.cos(direction) + noise();
      block[i * 2 + 1] = tone * Math.sin(direction) + noise();
    }
  };
}

function noise(): number {
  return (Math.random() - 0.5) * 0.004;
}
