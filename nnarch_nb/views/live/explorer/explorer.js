// The graph explorer: the static picture, to move about in, to search, and to open and fold.

import { make } from "./dom.js";
import { inPage, place } from "./place.js";
import { Explorer } from "./view.js";

const UNREADABLE = "The explorer cannot read this picture; it is shown as it is.";

// The explorer, or null for a drawing that cannot be read.
function opened(model, signal) {
  try {
    return new Explorer(model, signal);
  } catch (error) {
    console.error(error);
    return null;
  }
}

async function render({ model, el, signal }) {
  const ended = new AbortController();
  signal?.addEventListener("abort", () => ended.abort());
  const waiting = make("div", { class: "nnx-waiting" }, "Opening the explorer …");
  el.append(waiting);
  inPage(waiting, ended.signal).then(() => {
    waiting.remove();
    const explorer = opened(model, ended.signal);
    if (!explorer) return void el.append(make("div", { class: "nnx-waiting" }, UNREADABLE));
    const placed = place(explorer.root, el, model.get("alt"));
    ended.signal.addEventListener("abort", () => {
      placed.leave();
      explorer.kernel.tell({ kind: "closed" });
    });
    explorer.begin();
    if (placed.taken) explorer.kernel.tell({ kind: "placed" });
    return undefined;
  });
  return () => ended.abort();
}

export default { render };
