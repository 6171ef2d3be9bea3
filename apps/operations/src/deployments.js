// The table of deployments.

import { ask, element, show } from "@spectral/service/browser";

/** What the service answers when the api failed it. */
const GATEWAY_FAILURES = [502, 504];

/**
 * Show the deployments, or why there are none to show.
 *
 * @param {Promise<{generation: number | null}>} version  of this instance
 */
export async function loadDeployments(version) {
  showRows([]);
  say("Asking the api …");
  try {
    const { deployments } = await ask("/deployments");
    // Without it no row is marked; that it failed is said where it is shown.
    const { generation } = await version.catch(() => ({ generation: null }));
    showRows(deployments.map((deployment) => row(deployment, deployment.generation === generation)));
    say(deployments.length ? "" : "No deployment yet.");
  } catch (error) {
    // That the api fails is no failure of this page, and said here alone.
    const ofApi = GATEWAY_FAILURES.includes(error.status);
    say(ofApi ? "Not known: the api did not give them." : "Not known.", "failed");
    if (!ofApi) throw error;
  }
}

function say(text, state = "") {
  show("no-rows", text);
  element("no-rows").className = state;
  element("no-rows").hidden = !text;
}

function showRows(rows) {
  element("rows").replaceChildren(...rows);
  element("table").hidden = rows.length === 0;
}

function row({ generation, short_sha, tag, services, created_at }, runs) {
  const cells = element("row").content.cloneNode(true);
  const fill = (name, text) => (cells.querySelector(`[data-of=${name}]`).textContent = text);
  fill("generation", generation);
  fill("short_sha", short_sha);
  fill("tag", tag ?? "–");
  fill("services", services.join(", ") || "–");
  if (!runs) cells.querySelector(".now").remove();
  showTime(cells.querySelector("time"), created_at);
  return cells;
}

/** As the reader's own clock has it; in UTC, as the logs have it, on demand. */
function showTime(element, iso) {
  const time = new Date(iso);
  element.dateTime = iso;
  element.textContent = time.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
  element.title = `${time.toISOString().slice(0, 19).replace("T", " ")} UTC`;
}
