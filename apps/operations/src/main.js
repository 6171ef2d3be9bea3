import "@spectral/service/page.css";
import "./main.css";

import { askHealth, askVersion, keepFresh, show } from "@spectral/service/browser";

keepFresh(async () => {
  // First nothing, so that a failed request leaves no old value standing as if it were current.
  for (const id of ["service", "health", "version", "generation"]) show(id, "–");
  // Both are asked at once and shown apart: a service may answer the one and fail the other.
  const asked = [askHealth().then(showHealth), askVersion().then(showVersion)];
  await Promise.allSettled(asked);
  await Promise.all(asked); // now fail with the first failure
});

function showHealth({ status }) {
  show("health", status);
}

function showVersion({ service, short_sha, generation, generation_problem }) {
  show("service", service);
  show("version", short_sha);
  show("generation", generation ?? generation_problem);
}
