/** Recordings that every reader must refuse: each one lie in an otherwise good ring. */
import { AT, RingImage } from "../ring-image.ts";
import { byteImage, OPENED, type Recording, type RecordToWrite, slotImage } from "./recording.ts";

const CORRUPT = { error: "CORRUPT" };
const BYTES_IN_FRAME = 104;
const PLANES_IN_FRAME = 68;
const WIDTH_IN_FRAME = 56;
const FORMAT_IN_FRAME = 112;

const gray = {
  meta: {
    captureMonoNs: 1n,
    captureWallUs: 2n,
    arrivalMonoNs: 0n,
    pts90k: 0n,
    sourceSequence: 0n,
    widthPx: 8,
    heightPx: 8,
    key: true,
    planes: [{ offsetBytes: 0, strideBytes: 8 }],
    bytes: 64,
    pixelFormat: "gray",
    colorSpace: "unknown",
    colorRange: "pc",
  },
  bytes: new Uint8Array(64).fill(5),
};

const packet: RecordToWrite = {
  meta: {
    captureMonoNs: 1n,
    captureWallUs: 2n,
    arrivalMonoNs: 0n,
    pts90k: undefined,
    dts90k: undefined,
    duration90k: 0,
    type: 1,
    key: true,
    discontinuity: false,
    streamIndex: 0,
  },
  payload: new Uint8Array(10).fill(6),
};

type Lie = [name: string, about: string, change: (image: RingImage) => RingImage | undefined];

const HEADER_LIES: readonly Lie[] = [
  ["magic", "No magic.", (image) => void image.bytes.write("LTNRINK", "latin1")],
  ["version", "Layout version 2.", (image) => image.setU32(AT.version, 2)],
  ["kind", "Neither a slot ring nor a byte ring.", (image) => image.setU32(AT.kind, 3)],
  ["total", "total_bytes is not the object's size.", (image) => image.setU64(AT.totalBytes, 1n)],
  [
    "cut",
    "The object is a page shorter than its header says.",
    (image) => new RingImage(image.bytes.subarray(0, -4096)),
  ],
  [
    "longer",
    "The object is a page longer.",
    (image) => new RingImage(Buffer.concat([image.bytes, Buffer.alloc(4096)])),
  ],
  ["header-only", "Nothing but the first page.", (image) => new RingImage(image.bytes.subarray(0, 4096))],
  ["empty", "An object of no bytes.", () => new RingImage(Buffer.alloc(0))],
  ["table", "The table lies elsewhere.", (image) => image.setU64(AT.tableOffset, 4096n)],
  ["data", "The data lies elsewhere.", (image) => image.setU64(AT.dataOffset, 8192n)],
];

const SLOT_LIES: readonly Lie[] = [
  ["few-slots", "Two slots.", (image) => image.setU32(AT.slots, 2)],
  ["many-slots", "More slots than a lease has bits.", (image) => image.setU32(AT.slots, 65)],
  ["uneven-slots", "Slots that are no whole pages.", (image) => image.setU64(AT.slotBytes, 4095n)],
  ["huge-slots", "slots · slot_bytes overflows 64 bits.", (image) => image.setU64(AT.slotBytes, 2n ** 63n)],
  ["both-kinds", "A slot ring with a capacity.", (image) => image.setU64(AT.capacityBytes, 4096n)],
];

const BYTE_LIES: readonly Lie[] = [
  ["capacity", "A capacity that is no power of two.", (image) => image.setU64(AT.capacityBytes, 4160n)],
  ["huge-capacity", "A capacity beyond all memory.", (image) => image.setU64(AT.capacityBytes, 2n ** 63n)],
  ["tail-beyond-head", "tail lies after head.", (image) => image.setU64(AT.tail, image.u64(AT.head) + 64n)],
  ["uneven-tail", "tail is no multiple of 64.", (image) => image.setU64(AT.tail, 32n)],
  ["record-position", "The oldest record says that it lies elsewhere.", (image) => image.setU64(AT.table, 64n)],
  ["record-size", "The oldest record ends beyond head.", (image) => image.setU32(AT.table + 8, 4096)],
  ["record-nothing", "The oldest record takes no room.", (image) => image.setU32(AT.table + 8, 0)],
  ["record-payload", "The payload is larger than its record.", (image) => image.setU32(AT.table + 84, 200)],
  ["record-kind", "Neither a record nor padding.", (image) => image.setU32(AT.table + 12, 3)],
  ["padding-short", "Padding that does not reach the ring's end.", (image) => image.setU32(AT.table + 12, 2)],
  ["record-sequence", "A record of sequence 0.", (image) => image.setU64(AT.table + 16, 0n)],
];

const FRAME_LIES: readonly Lie[] = [
  [
    "newest-slot",
    "The newest frame lies in slot 3 of 0 to 2.",
    (image) => image.setU64(AT.newest, image.u64(AT.newest) | 3n),
  ],
  ["newest-sequence", "The slot holds another frame.", (image) => image.setU64(AT.newest, 9n << 6n)],
  ["frame-bytes", "More bytes than a slot has.", (image) => image.setU32(image.frameAt(0) + BYTES_IN_FRAME, 4097)],
  ["frame-planes", "Five planes.", (image) => image.setU32(image.frameAt(0) + PLANES_IN_FRAME, 5)],
  ["frame-plane-count", "Two planes of gray.", (image) => image.setU32(image.frameAt(0) + PLANES_IN_FRAME, 2)],
  ["frame-width", "Rows longer than their stride.", (image) => image.setU32(image.frameAt(0) + WIDTH_IN_FRAME, 9)],
  [
    "frame-height",
    "More rows than bytes.",
    (image) => image.setU32(image.frameAt(0) + WIDTH_IN_FRAME + 4, 2 ** 32 - 1),
  ],
  [
    "frame-name",
    "A name without end.",
    (image) => void image.bytes.fill("x", image.frameAt(0) + FORMAT_IN_FRAME, image.frameAt(0) + 160),
  ],
];

function refused(prefix: string, lies: readonly Lie[], good: () => RingImage, steps: Recording["steps"]): Recording[] {
  return lies.map(([name, about, change]) => {
    const image = good();
    return { name: `${prefix}-${name}`, about, image: change(image) ?? image, steps };
  });
}

/** All recordings that must be refused. */
export function refusedRecordings(): Recording[] {
  const slots = () => slotImage([gray]);
  const bytes = () => byteImage([packet, packet], {}, 4096);
  return [
    ...refused("refused-slots", [...HEADER_LIES, ...SLOT_LIES], slots, [["open slots @", CORRUPT]]),
    ...refused("refused-bytes", [...HEADER_LIES, ...BYTE_LIES], bytes, [["open bytes @", CORRUPT]]),
    ...refused("refused-frame", FRAME_LIES, slots, [
      ["open slots @", OPENED],
      ["copy 0", CORRUPT],
      ["peek 0", CORRUPT],
      ["lease 0", CORRUPT],
    ]),
  ];
}
