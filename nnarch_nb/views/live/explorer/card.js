// What is known of one part: a card beside the mouse, and a line below the picture for the one chosen.

import { make } from "./dom.js";

const FIELDS = [["path", "path"], ["type", "class"], ["input", "takes"], ["output", "gives"], ["params", "parameters"], ["macs", "MACs"]];

const HINT = "Click a box to copy its path, + to open one, − to fold a frame; drag to move.";

function known(part) {
  return FIELDS.filter(([field]) => part[field]).map(([field, name]) => [name, part[field], field]);
}

export class Card {
  constructor(stage) {
    this.stage = stage;
    this.element = make("div", { class: "nnx-card", "aria-hidden": "true" });
    this.hide();
  }

  show(part, [x, y], [right, bottom]) {
    this.element.replaceChildren(...[["", part.label], ...known(part)].flatMap(([name, value]) => name
      ? [make("span", { class: "nnx-mute" }, name), make("span", {}, value)]
      : [make("b", {}, value)]));
    this.element.style.display = "";
    const { clientWidth: width, clientHeight: height } = this.stage;
    const { offsetWidth: w, offsetHeight: h } = this.element;
    const left = right + 10 + w < width ? right + 10 : x - 10 - w > 0 ? x - 10 - w : Math.min(Math.max(x, 4), width - w - 4);
    const beside = right + 10 + w < width || x - 10 - w > 0;
    const top = beside ? y : bottom + 8 + h < height ? bottom + 8 : y - 8 - h;
    this.element.style.left = `${Math.max(left, 4)}px`;
    this.element.style.top = `${Math.max(Math.min(top, height - h - 4), 4)}px`;
  }

  hide() {
    this.element.style.display = "none";
  }
}

// The chosen part's path, to be selected and copied by hand too, with what can be done with it.
export class Detail {
  constructor() {
    this.element = make("div", { class: "nnx-detail" });
    this.show(null, []);
  }

  show(part, acts) {
    this.path = part?.path ? make("code", { class: "nnx-path" }, part.path) : null;
    const name = part && make("span", {}, part.label);
    const facts = part && known(part).filter(([, , field]) => !["path", "type"].includes(field)).map(([n, value]) => `${n} ${value}`).join(" · ");
    const buttons = acts.map(([words, act]) => make("button", { type: "button", onclick: act }, words));
    this.element.replaceChildren(...(part ? [this.path ?? name, this.path ? name : "", facts, ...buttons] : [HINT]).filter(Boolean).map(
      (piece) => (typeof piece === "string" ? make("span", { class: "nnx-mute" }, piece) : piece)));
  }

  selectPath() {
    if (!this.path) return;
    const range = document.createRange();
    range.selectNodeContents(this.path);
    const selection = window.getSelection();
    selection.removeAllRanges();
    selection.addRange(range);
  }
}
