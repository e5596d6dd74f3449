/** Puts the page together. */
import { render } from "preact";
import { App } from "./app.tsx";
import { connectBox } from "./state/box.ts";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/shell.css";
import "./styles/feed.css";
import "./styles/live.css";
import "./styles/events.css";
import "./styles/timeline.css";
import "./styles/saving.css";
import "./styles/saved.css";
import "./styles/system.css";
import "./styles/settings.css";
import "./styles/schedule.css";
import "./styles/cameras.css";
import "./styles/storage.css";

const root = document.getElementById("app");
if (root !== null) {
  connectBox();
  render(<App />, root);
}
