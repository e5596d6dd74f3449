/** Sound as WAV. Source: RFC 2361 (format tags), Microsoft's Multimedia Programming Interface 1.0 (RIFF). */
import { PCM_SAMPLE_BYTES, type PcmFormat } from "../../src/index.ts";

const TAG = { pcm_s16le: 1, pcm_f32le: 3 } as const; // WAVE_FORMAT_PCM, WAVE_FORMAT_IEEE_FLOAT
const UNKNOWN_BYTES = 0xffff_ffff; // what streams say whose end is not known; players read on to the end
const FMT_BYTES = 18; // 16 + u16 extension size 0: wanted for every tag but 1, allowed for 1

const WAV_HEAD_BYTES = 58; // RIFF 12 + fmt 8 + 18 + fact 8 + 4 + data 8

/** The head of a file with so many bytes of samples; undefined: a stream whose end is not known. */
export function wavHead(format: PcmFormat, dataBytes: number | undefined): Buffer {
  const { codec, sampleRateHz, channels } = format;
  const blockBytes = PCM_SAMPLE_BYTES[codec] * channels;
  const isKnown = dataBytes !== undefined && dataBytes + WAV_HEAD_BYTES < UNKNOWN_BYTES; // else beyond what RIFF can say
  const head = Buffer.alloc(WAV_HEAD_BYTES);
  head.write("RIFF", 0, "latin1");
  head.writeUInt32LE(isKnown ? WAV_HEAD_BYTES - 8 + dataBytes : UNKNOWN_BYTES, 4);
  head.write("WAVEfmt ", 8, "latin1");
  head.writeUInt32LE(FMT_BYTES, 16);
  head.writeUInt16LE(TAG[codec], 20);
  head.writeUInt16LE(channels, 22);
  head.writeUInt32LE(sampleRateHz, 24);
  head.writeUInt32LE(sampleRateHz * blockBytes, 28);
  head.writeUInt16LE(blockBytes, 32);
  head.writeUInt16LE(PCM_SAMPLE_BYTES[codec] * 8, 34);
  head.write("fact", 38, "latin1");
  head.writeUInt32LE(4, 42);
  head.writeUInt32LE(isKnown ? dataBytes / blockBytes : UNKNOWN_BYTES, 46); // samples a channel
  head.write("data", 50, "latin1");
  head.writeUInt32LE(isKnown ? dataBytes : UNKNOWN_BYTES, 54);
  return head;
}
