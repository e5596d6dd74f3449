/** The archive: packet rings in, fMP4 files and archive.db out. */
import { runService } from "@lanthorn/base";
import { archiveModules } from "./src/archive.ts";
import { archiveConfig } from "./src/config.ts";

await runService({ name: "archive", config: archiveConfig, modules: archiveModules });
