/** Zero-terminated names of 16 bytes, as they lie in a frame's description. */

const NAME_BYTES = 16;
const known = new Map<string, Uint8Array>();

/** Writes a name, cut to 15 bytes, at an offset. Names repeat frame after frame, so their bytes are kept. */
export function writeName(target: Uint8Array, offset: number, name: string): void {
  let bytes = known.get(name);
  if (bytes === undefined) {
    bytes = new Uint8Array(NAME_BYTES);
    bytes.set(new TextEncoder().encode(name).subarray(0, NAME_BYTES - 1));
    if (known.size < 64) {
      known.set(name, bytes);
    }
  }
  target.set(bytes, offset);
}

/** Reads a name. */
export function readName(source: Uint8Array, offset: number): string {
  let text = "";
  for (let i = offset; i < offset + NAME_BYTES; i++) {
    const byte = source[i] ?? 0;
    if (byte === 0) {
      break;
    }
    text += String.fromCharCode(byte);
  }
  return text;
}
