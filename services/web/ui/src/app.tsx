/** The frame around every page: navigation, the banner of a lost connection, and which page an address means. */
import { Redirect, Route, Switch } from "wouter";
import { CameraPage } from "./pages/camera-page.tsx";
import { CameraSettingsPage } from "./pages/camera-settings-page.tsx";
import { CamerasPage } from "./pages/cameras-page.tsx";
import { EventsPage } from "./pages/events-page.tsx";
import { LivePage } from "./pages/live-page.tsx";
import { MissingPage } from "./pages/missing-page.tsx";
import { SavedPage } from "./pages/saved-page.tsx";
import { StoragePage } from "./pages/storage-page.tsx";
import { SystemPage } from "./pages/system-page.tsx";
import { ConnectionBanner } from "./parts/connection-banner.tsx";
import { Rail } from "./parts/rail.tsx";
import { cameras } from "./state/box.ts";

/** The whole page. Addresses are also known to services/web/src/web-server.ts (PAGES). */
export function App() {
  return (
    <div class="shell">
      <Rail />
      <main class="main">
        <ConnectionBanner />
        <Switch>
          <Route path="/" component={LivePage} />
          <Route path="/events" component={EventsPage} />
          <Route path="/recordings">{() => <FirstCamera />}</Route>
          <Route path="/recordings/:camera">{({ camera }) => <CameraPage key={camera} camera={camera} />}</Route>
          <Route path="/cameras" component={CamerasPage} />
          <Route path="/cameras/:camera/settings">{({ camera }) => <CameraSettingsPage camera={camera} />}</Route>
          <Route path="/cameras/:camera">{({ camera }) => <Redirect to={`/recordings/${camera}`} replace />}</Route>
          <Route path="/storage" component={StoragePage} />
          <Route path="/saved" component={SavedPage} />
          <Route path="/system" component={SystemPage} />
          <Route>{() => <MissingPage />}</Route>
        </Switch>
      </main>
    </div>
  );
}

function FirstCamera() {
  const first = cameras.value?.[0];
  return first === undefined ? <CameraPage camera={undefined} /> : <Redirect to={`/recordings/${first.id}`} replace />;
}
