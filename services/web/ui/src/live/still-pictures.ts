/** Stills instead of moving pictures: for browsers that cannot play a camera's format. Two a second, one at a time. */
import { pictureUrl } from "../net/api.ts";
import type { PictureEvents, Pictures } from "./live-player.ts";

const EVERY_MS = 500;
const AFTER_FAILURE_MS = 2000;
const WIDTH_PX = 1280;

/** See live-player.ts. */
export class StillPictures implements Pictures {
  readonly element = document.createElement("img");
  readonly offer = undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(camera: string, events: PictureEvents) {
    this.element.alt = "";
    const next = () => {
      this.element.src = pictureUrl(camera, WIDTH_PX);
    };
    this.element.onload = () => {
      events.onPicture(undefined);
      this.#timer = setTimeout(next, EVERY_MS);
    };
    this.element.onerror = () => {
      this.#timer = setTimeout(next, AFTER_FAILURE_MS);
    };
    next();
  }

  take(): void {}

  takeBinary(): void {}

  reset(): void {}

  close(): void {
    clearTimeout(this.#timer);
    this.element.onload = this.element.onerror = null;
  }
}
