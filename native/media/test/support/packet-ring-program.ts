/** Arguments: packet ring, MPEG-TS file. Fills the ring with the file, says so, and lives until it is killed. */
import { readFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { TsDemuxer } from "../../src/index.ts";

const [packetRing = "", file = ""] = process.argv.slice(2);
const demuxer = new TsDemuxer({ packetRing, cameraId: "test" });
demuxer.push(readFileSync(file));
demuxer.flush();
console.log("filled");
await setTimeout(60_000); // until it is killed, or its test is no more
demuxer.close();
