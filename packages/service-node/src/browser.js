// What both pages do in the browser. No import, so that none of the server comes along.

/** Longer than any sound answer takes, short enough for a person who waits. */
const PATIENCE_MS = 8_000;

export const askVersion = () => ask("/version");
export const askHealth = () => ask("/healthz");

/** Does the api answer? The service says no with a 503, which is an answer and not a failure. */
export async function askApi() {
  const { status } = await ask("/readyz", [200, 503]);
  return status === "ok";
}

/** Every failure becomes an Error whose message can be shown as it stands, with the answer's status if there is one. */
export async function ask(path, expected = [200]) {
  const answer = await fetch(path, { signal: AbortSignal.timeout(PATIENCE_MS) }).catch(() => {
    throw new Error("The service did not answer.");
  });
  if (!expected.includes(answer.status)) {
    throw Object.assign(new Error(`The service answered with status ${answer.status}.`), { status: answer.status });
  }
  return answer.json().catch(() => {
    throw new Error("The service gave an answer that cannot be read.");
  });
}

/**
 * Run each of `loads` now and at each press of the button, and say in the status line how it went. They
 * run side by side: the service may answer the one and fail the other.
 *
 * @param {...() => Promise<void>} loads
 */
export function keepFresh(...loads) {
  const status = element("status");

  async function run() {
    if (status.dataset.state === "busy") return;
    say("busy", "Asking the service …");
    const outcomes = await Promise.allSettled(loads.map((load) => load()));
    const failed = outcomes.find((outcome) => outcome.status === "rejected");
    if (failed) say("failed", failed.reason.message);
    else say("fresh", `As of ${new Date().toLocaleTimeString()}.`);
  }

  function say(state, text) {
    status.dataset.state = state;
    status.textContent = text;
  }

  element("again").addEventListener("click", run);
  return run();
}

/** Say whether the api answers; nothing of it stands while that is not known. */
export async function loadApi() {
  const line = element("api");
  line.dataset.state = "";
  line.textContent = "";
  const answers = await askApi();
  line.dataset.state = answers ? "fresh" : "failed";
  line.textContent = answers ? "The api answers." : "The api does not answer.";
}

/** Put a text, never markup, into the element of that id. */
export function show(id, text) {
  element(id).textContent = text;
}

export function element(id) {
  return document.getElementById(id);
}
