/** Loads the addon that `npm run build` puts at native/notify/dist/notify.node. */
import { createRequire } from "node:module";

/** What binding/addon.cpp exports; numbers are errnos, 0 is success. */
export interface NotifyAddon {
  sendDatagram(path: string, message: string): number;
  DatagramListener: new () => NativeDatagramListener;
}

/** The native listener object behind DatagramListener. */
export interface NativeDatagramListener {
  open(path: string): number;
  receive(): string | undefined;
  close(): void;
}

/** The loaded addon. */
export const addon = createRequire(import.meta.url)("../dist/notify.node") as NotifyAddon;
