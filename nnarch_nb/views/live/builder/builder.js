// The builder in the page: in the place of the static draft in the same cell's output, while it lives.

import { make } from "../explorer/dom.js";
import { Panel } from "./panel.js";
import { inPage } from "../explorer/place.js";

// The static draft before the widget in its output area, or null.
function draftOf(el) {
  const drafts = el.closest(".jp-OutputArea")?.querySelectorAll(".nn:has(.nn-drafted):not([data-nnb-taken])") ?? [];
  return [...drafts].filter((each) => each.compareDocumentPosition(el) & Node.DOCUMENT_POSITION_FOLLOWING).at(-1) ?? null;
}

function takePlace(root, el) {
  const draft = draftOf(el);
  if (!draft) {
    el.append(root);
    return { taken: false, leave: () => root.remove() };
  }
  const display = draft.style.display;
  draft.dataset.nnbTaken = "";
  draft.style.display = "none";
  draft.after(root);
  return { taken: true, leave: () => {
    root.remove();
    draft.style.display = display;
    delete draft.dataset.nnbTaken;
  } };
}

async function render({ model, el, signal }) {
  const ended = new AbortController();
  signal?.addEventListener("abort", () => ended.abort());
  const waiting = make("div", { class: "nnb-status" }, "Opening the builder …");
  el.append(waiting);
  inPage(waiting, ended.signal).then(() => {
    waiting.remove();
    const panel = new Panel(model, ended.signal);
    const placed = takePlace(panel.root, el);
    ended.signal.addEventListener("abort", () => {
      placed.leave();
      panel.asks.tell({ kind: "closed" });
    });
    if (placed.taken) panel.asks.tell({ kind: "placed" });
  });
  return () => ended.abort();
}

export default { render };
