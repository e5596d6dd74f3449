/** Child: writes a ring until killed. Arguments: slots|bytes, name, pauseMs between writes (0: as fast as it can in turns). */
import { setImmediate, setTimeout } from "node:timers/promises";
import { ByteRingWriter, SlotRingWriter } from "../../src/index.ts";
import { appendFilled, publishGray } from "./frames.ts";

const WIDTH_PX = 320;
const HEIGHT_PX = 240;
const [kind, name = "", pauseMs = "0"] = process.argv.slice(2);

async function writeForEver(writeOne: (count: number) => void): Promise<never> {
  for (let count = 1; ; count++) {
    writeOne(count);
    if (count === 1) {
      console.log("writing");
    }
    if (Number(pauseMs) > 0) {
      await setTimeout(Number(pauseMs));
    } else if (count % 50 === 0) {
      await setImmediate();
    }
  }
}

if (kind === "slots") {
  const writer = SlotRingWriter.create({ name, slots: 5, slotBytes: WIDTH_PX * HEIGHT_PX });
  writer.describe({ camera: "test" });
  await writeForEver((count) => publishGray(writer, WIDTH_PX, HEIGHT_PX, count));
} else {
  const writer = ByteRingWriter.create({ name, capacityBytes: 256 * 1024 });
  writer.describe({ camera: "test", streams: [] });
  await writeForEver((count) => appendFilled(writer, 1 + ((count * 7919) % 20_000), count));
}
