// The graph explorer: the static picture, to move about in, to search, and to open and fold.

import { make } from "./dom.js";
import { resultBefore, stand } from "./place.js";
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

function render({ model, el, signal }) {
  const waiting = make("div", { class: "nnx-waiting" }, "Opening the explorer …");
  const alt = model.get("alt");
  const find = () => resultBefore(el, ".nn figure[role=img]", (figure) => figure.getAttribute("aria-label") === alt);
  return stand({ el, signal }, waiting, find, (ended) => {
    const explorer = opened(model, ended);
    if (!explorer) el.append(make("div", { class: "nnx-waiting" }, UNREADABLE));
    return explorer && { root: explorer.root, tell: (what) => explorer.kernel.tell(what), begin: () => explorer.begin() };
  });
}

export default { render };
