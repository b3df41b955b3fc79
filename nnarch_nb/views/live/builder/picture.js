// The graph of what stands, drawn anew after a pause; until then the old one is marked as such.

import { drawing, make } from "../explorer/dom.js";

export class Picture {
  constructor() {
    this.figure = make("figure", { class: "nnb-figure" });
    this.note = make("div", { class: "nnb-mute nnb-note" });
    this.element = make("div", { class: "nnb-picture" }, this.note, this.figure);
  }

  // The draft has changed since.
  outdated() {
    this.figure.classList.add("nnb-old");
    this.note.textContent = this.figure.firstChild ? "Drawing anew …" : "Drawing …";
  }

  show({ svg, alt, line }) {
    this.figure.classList.remove("nnb-old");
    this.note.textContent = line ?? (svg ? "" : "The graph is drawn once there is an input and a layer.");
    this.figure.replaceChildren(...(svg ? [drawing(svg)] : []));
    if (!svg) return this.figure.removeAttribute("role");
    this.figure.setAttribute("role", "img");
    return this.figure.setAttribute("aria-label", alt);
  }
}
