// The builder in the page: in the place of the static draft in the same cell's output, while it lives.

import { make } from "../explorer/dom.js";
import { Panel } from "./panel.js";
import { resultBefore, stand } from "../explorer/place.js";

function render({ model, el, signal }) {
  const waiting = make("div", { class: "nnb-status" }, "Opening the builder …");
  const find = () => resultBefore(el, ".nn:has(.nn-drafted)");
  return stand({ el, signal }, waiting, find, (ended) => {
    const panel = new Panel(model, ended);
    return { root: panel.root, tell: (what) => panel.asks.tell(what) };
  });
}

export default { render };
