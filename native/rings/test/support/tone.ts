/** How much of a tone is in a sound. */

/** Power of one frequency in samples of one channel (a single bin of the Fourier transform). */
export function powerAt(samples: ArrayLike<number>, frequencyHz: number, sampleRateHz: number): number {
  let [real, imaginary] = [0, 0];
  for (let i = 0; i < samples.length; i++) {
    const angle = (2 * Math.PI * frequencyHz * i) / sampleRateHz;
    real += (samples[i] ?? 0) * Math.cos(angle);
    imaginary += (samples[i] ?? 0) * Math.sin(angle);
  }
  return (real ** 2 + imaginary ** 2) / samples.length ** 2;
}
