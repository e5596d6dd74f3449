import { test } from "node:test";
import { beHostile } from "./hostile.ts";

test("a thousand wrong keys, broken and endless handshakes, random bytes and a mutated stream take nothing from other cameras", async (t) => {
  const result = await beHostile({ seconds: 6, victims: 2, wrongKeys: 1000 });
  t.diagnostic(JSON.stringify(result));
});
