// What both pages do in the browser. No import, so that none of the server comes along.

/** Longer than any sound answer takes, short enough for a person who waits. */
const PATIENCE_MS = 8_000;

export const askVersion = () => ask("/version");
export const askHealth = () => ask("/healthz");

/** Every failure becomes an Error whose message can be shown as it stands. */
async function ask(path) {
  const answer = await fetch(path, { signal: AbortSignal.timeout(PATIENCE_MS) }).catch(() => {
    throw new Error("The service did not answer.");
  });
  if (!answer.ok) throw new Error(`The service answered with status ${answer.status}.`);
  return answer.json().catch(() => {
    throw new Error("The service gave an answer that cannot be read.");
  });
}

/**
 * Run `load` now and at each press of the button, and say in the status line how it went.
 *
 * @param {() => Promise<void>} load
 */
export function keepFresh(load) {
  const status = element("status");

  async function run() {
    say("busy", "Asking the service …");
    try {
      await load();
      say("fresh", `As of ${new Date().toLocaleTimeString()}.`);
    } catch (error) {
      say("failed", error.message);
    }
  }

  function say(state, text) {
    status.dataset.state = state;
    status.textContent = text;
  }

  element("again").addEventListener("click", run);
  return run();
}

/** Put a text, never markup, into the element of that id. */
export function show(id, text) {
  element(id).textContent = text;
}

function element(id) {
  return document.getElementById(id);
}
