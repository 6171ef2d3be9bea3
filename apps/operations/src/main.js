import "@spectral/service/page.css";
import "./main.css";

import { askHealth, askVersion, keepFresh, loadApi, show } from "@spectral/service/browser";

import { loadDeployments } from "./deployments.js";

// One request for both of its readers; the table marks the generation that runs.
let version;

keepFresh(loadHealth, loadVersion, loadApi, () => loadDeployments(version));

// Each of these shows nothing first, so that a failed request leaves no old value standing as if it were current.

async function loadHealth() {
  show("health", "–");
  const { status } = await askHealth();
  show("health", status);
}

async function loadVersion() {
  for (const id of ["service", "version", "generation"]) show(id, "–");
  version = askVersion();
  const { service, short_sha, generation, generation_problem } = await version;
  show("service", service);
  show("version", short_sha);
  show("generation", generation ?? generation_problem);
}
