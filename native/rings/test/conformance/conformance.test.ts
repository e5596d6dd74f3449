import { READERS } from "./driver.ts";
import { testReader } from "./suite.ts";

for (const reader of READERS) {
  testReader(reader);
}
