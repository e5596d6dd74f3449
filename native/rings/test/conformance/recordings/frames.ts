/** Recordings of slot rings: every pixel format, odd sizes, padded rows, and writers that died at awkward moments. */
import { framePlanes, PIXEL_FORMATS, type PixelFormat } from "../../../src/index.ts";
import { AT } from "../ring-image.ts";
import { SeededRandom } from "../seeded-random.ts";
import { described, type FrameToWrite, frameSteps, OPENED, type Recording, slotImage } from "./recording.ts";

const WRITING = 1n;
const CLAIMED = 2n;

/** A frame of random bytes with something in every field. */
function randomFrame(seed: number, pixelFormat: PixelFormat, strideAlignBytes = 1): FrameToWrite {
  const [widthPx, heightPx] = [13, 7];
  const { planes, bytes } = framePlanes({ pixelFormat, widthPx, heightPx, strideAlignBytes });
  return {
    meta: {
      captureMonoNs: 1_000_000_000_001n + BigInt(seed),
      captureWallUs: 1_700_000_000_000_001n + BigInt(seed),
      arrivalMonoNs: 1_000_000_000_002n,
      pts90k: -9_000n + BigInt(seed),
      sourceSequence: 2n ** 53n + 1n, // no double holds it
      widthPx,
      heightPx,
      key: seed % 2 === 1,
      planes: planes.map(({ offsetBytes, strideBytes }) => ({ offsetBytes, strideBytes })),
      bytes,
      pixelFormat,
      colorSpace: "smpte170m",
      colorRange: "tv",
    },
    bytes: new SeededRandom(seed).bytes(bytes),
  };
}

function ofFormat(pixelFormat: PixelFormat): Recording {
  const frames = [randomFrame(1, pixelFormat), randomFrame(2, pixelFormat, 32)] as const;
  return {
    name: `frame-${pixelFormat}`,
    about: `The second of two ${pixelFormat} frames of 13x7, its rows padded to 32 bytes.`,
    image: slotImage([...frames], { camera: "porch" }),
    steps: [["open slots @", OPENED], ["description", described({ camera: "porch" })], ...frameSteps(frames[1], 2)],
  };
}

const gray = [1, 2, 3, 4].map((seed) => randomFrame(seed, "gray"));
const [first, , third, fourth] = gray as [FrameToWrite, FrameToWrite, FrameToWrite, FrameToWrite];

/** A frame whose planes no reader knows: its bytes are still its own. */
function unknownFormat(): Recording {
  const known = randomFrame(5, "gray");
  const frame = {
    ...known,
    meta: { ...known.meta, pixelFormat: "bayer_rggb8", colorSpace: "unknown", colorRange: "pc" },
  };
  return {
    name: "frame-of-unknown-format",
    about: "A pixel format that no reader knows: bytes and planes come out as they are.",
    image: slotImage([frame]),
    steps: [["open slots @", OPENED], ["description", { hex: "" }], ...frameSteps(frame, 1)],
  };
}

function died(name: string, about: string, change: (recording: ReturnType<typeof slotImage>) => void): Recording {
  const image = slotImage(gray, { camera: "porch" });
  change(image);
  return { name, about, image, steps: [["open slots @", OPENED], ...frameSteps(fourth, 4)] };
}

/** All recordings of frames. */
export function frameRecordings(): Recording[] {
  const nothing = slotImage([]);
  const published = slotImage(gray);
  const beforeNewest = slotImage(gray);
  beforeNewest.setU64(AT.newest, slotImage(gray.slice(0, 3)).u64(AT.newest));
  const halfWritten = slotImage(gray.slice(0, 1));
  halfWritten.setU64(halfWritten.stampAt(halfWritten.newestSlot), halfWritten.u64(halfWritten.stampAt(0)) | WRITING);
  const halfDescribed = slotImage(gray.slice(0, 1), { camera: "porch" });
  halfDescribed.setU32(AT.descriptionStamp, halfDescribed.u32(AT.descriptionStamp) + 1);
  const claimed = slotImage(gray.slice(0, 1));
  claimed.setU64(claimed.stampAt(claimed.newestSlot), claimed.u64(claimed.stampAt(claimed.newestSlot)) | CLAIMED);
  const otherSlot = (slot: number) => (slot + 1) % 3;
  return [
    ...PIXEL_FORMATS.map(ofFormat),
    unknownFormat(),
    {
      name: "frames-none",
      about: "A writer that died before its first frame.",
      image: nothing,
      steps: [
        ["open slots @", OPENED],
        ["copy 0", { error: "GONE" }],
        ["peek 0", { error: "GONE" }],
        ["lease 0", { error: "GONE" }],
        ["wait 0 1000", { error: "GONE" }],
        ["open bytes @", { error: "INVALID_ARGUMENT" }],
      ],
    },
    {
      name: "frames-closed",
      about: "A writer that closed its ring: what it published last can still be read.",
      image: published.setU32(AT.state, 2),
      steps: [["open slots @", OPENED], ["wait 0 1000", {}], ...frameSteps(fourth, 4)],
    },
    died("frames-died-writing", "A writer that died while it filled another slot.", (image) => {
      const at = image.stampAt(otherSlot(image.newestSlot));
      image.setU64(at, image.u64(at) | CLAIMED | WRITING);
      image.bytes.fill(0xee, image.slotAt(otherSlot(image.newestSlot)), image.slotAt(otherSlot(image.newestSlot)) + 91);
    }),
    died(
      "frames-died-claiming",
      "A writer that died between claiming another slot and reading the leases.",
      (image) => {
        const at = image.stampAt(otherSlot(image.newestSlot));
        image.setU64(at, image.u64(at) | CLAIMED);
      },
    ),
    {
      name: "frames-died-publishing",
      about: "A writer that died between finishing frame 4 and naming it the newest: frame 3 is.",
      image: beforeNewest,
      steps: [["open slots @", OPENED], ...frameSteps(third, 3)],
    },
    {
      name: "frames-newest-claimed",
      about: "The newest slot is claimed, as no writer leaves it: whole to copy, not to be leased any more.",
      image: claimed,
      steps: [["open slots @", OPENED], ...frameSteps(first, 1, false)],
    },
    {
      name: "frames-newest-being-written",
      about: "The newest slot is being written, as no writer leaves it: nothing is returned.",
      image: halfWritten,
      steps: [
        ["open slots @", OPENED],
        ["copy 0", { error: "TORN" }],
        ["peek 0", { error: "TORN" }],
        ["lease 0", { error: "TORN" }],
      ],
    },
    {
      name: "frames-died-describing",
      about: "A writer that died while it changed its description: the frame is whole, the description is not.",
      image: halfDescribed,
      steps: [["open slots @", OPENED], ["description", { error: "TORN" }], ...frameSteps(first, 1)],
    },
  ];
}
