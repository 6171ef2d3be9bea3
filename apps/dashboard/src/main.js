import "@spectral/service/page.css";
import "./main.css";

import { askVersion, keepFresh, loadApi, show } from "@spectral/service/browser";

keepFresh(loadRelease, loadApi);

async function loadRelease() {
  // First nothing, so that a failed request leaves no old value standing as if it were current.
  showRelease("–", "–");
  const { short_sha, generation } = await askVersion();
  showRelease(short_sha, generation ?? "not known");
}

function showRelease(version, generation) {
  show("version", version);
  show("generation", generation);
}
