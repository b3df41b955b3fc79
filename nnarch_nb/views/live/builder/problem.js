// Why it is no network yet, and what would mend it: one button for each proposal that was tried.

import { make } from "../explorer/dom.js";

export class Problem {
  // `mend(words)` does a proposal.
  constructor(mend) {
    this.mend = mend;
    this.tried = make("div", { class: "nnb-tried" }, "Tried, and then it fits:");
    this.words = make("div", { class: "nnb-words", "aria-live": "polite" });
    this.caret = make("pre", { class: "nnb-caret" });
    this.buttons = make("div", { class: "nnb-mends", role: "group", "aria-label": "Proposals" });
    this.element = make("div", { class: "nnb-problem", role: "region", "aria-label": "What does not fit" }, this.words, this.caret, this.tried, this.buttons);
  }

  show(state) {
    // What stands in its row already is only spoken here.
    const seen = state.rows.some((row) => row.problem) && !state.stale;
    this.words.classList.toggle("nnb-spoken", seen);
    this.tried.hidden = !state.proposals.length;
    this.element.classList.toggle("nnb-bare", !state.problem || (seen && !state.proposals.length));
    const told = state.problem && `✗ ${state.problem}.`.replace(/([.?!])\.$/, "$1");
    if (this.words.textContent !== told) this.words.textContent = told;
    this.caret.hidden = !state.caret;
    this.caret.textContent = state.caret;
    this.buttons.replaceChildren(...state.proposals.map(([words, mends]) =>
      make("button", { type: "button", title: mends ? "Then every layer fits." : "Then this layer fits, and a later one does not yet.",
        onclick: () => this.mend(words) }, words)));
  }
}
