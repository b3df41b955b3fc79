// The field that adds a layer after the chosen row: any layer by name, completed, or one of the usual ones.

import { make } from "../explorer/dom.js";

const MOST = 8;
let made = 0;

export class Adding {
  // `add(text, typed)` adds; `leave()` puts the focus back on the list.
  constructor(names, add, leave) {
    Object.assign(this, { names, parts: [], add, leave, found: [], place: -1 });
    const id = `nnb-names-${(made += 1)}`;
    this.input = make("input", { type: "text", role: "combobox", placeholder: "Add a layer, such as Conv2d", spellcheck: "false",
      autocomplete: "off", "aria-label": "Add a layer after the chosen row", "aria-autocomplete": "list", "aria-expanded": "false",
      "aria-controls": id, oninput: () => this.look(), onkeydown: (event) => this.key(event), onblur: () => this.close() });
    this.options = make("div", { class: "nnb-options", role: "listbox", id, "aria-label": "Layers", hidden: "" });
    this.id = id;
    this.usual = make("div", { class: "nnb-usual", role: "group", "aria-label": "Usual layers" });
    const button = make("button", { type: "button", onclick: () => this.take(this.input.value) }, "Add");
    this.element = make("div", { class: "nnb-adding" },
      make("div", { class: "nnb-search" }, this.input, button, this.options), this.usual);
  }

  show(state) {
    this.parts = state.parts;
    if (this.usual.dataset.of === state.palette.join()) return; // a button in use keeps its focus
    this.usual.dataset.of = state.palette.join();
    this.usual.replaceChildren(...state.palette.map((text) => make("button", { type: "button", title: `Add ${text}`,
      onclick: () => this.add(text) }, text.replace(/\(.*/, ""))));
  }

  look() {
    const words = this.input.value.trim().toLowerCase();
    const known = [...this.parts, ...this.names];
    const starts = known.filter((name) => name.toLowerCase().startsWith(words));
    const holds = known.filter((name) => !starts.includes(name) && name.toLowerCase().includes(words));
    this.found = words && !words.includes("(") ? [...starts, ...holds].slice(0, MOST) : [];
    this.mark(-1);
  }

  mark(place) {
    this.place = place;
    this.options.hidden = !this.found.length;
    this.input.setAttribute("aria-expanded", `${this.found.length > 0}`);
    // Pressing, not clicking: by the time of a click the field has lost its focus, and the options are gone.
    this.options.replaceChildren(...this.found.map((name, at) => make("div", { role: "option", id: `${this.id}-${at}`,
      "aria-selected": `${at === place}`, onpointerdown: (event) => {
        event.preventDefault();
        this.take(name);
      } }, name)));
    if (place >= 0) this.input.setAttribute("aria-activedescendant", `${this.id}-${place}`);
    else this.input.removeAttribute("aria-activedescendant");
  }

  close() {
    this.found = [];
    this.mark(-1);
  }

  take(text) {
    if (!text.trim()) return;
    this.close();
    this.input.value = ""; // free for the next, which may be typed before the answer is there
    this.add(text, true);
  }

  // What was typed could not be added: it is there again to be mended, unless something else is by now.
  again(text) {
    if (!this.input.value) this.input.value = text;
  }

  key(event) {
    event.stopPropagation();
    const all = this.found.length;
    if (event.key === "ArrowDown" && all) this.mark((this.place + 1) % all);
    else if (event.key === "ArrowUp" && all) this.mark((this.place - 1 + all) % all);
    else if (event.key === "Enter") this.take(this.place >= 0 ? this.found[this.place] : this.input.value);
    else if (event.key === "Tab" && this.place >= 0) this.input.value = this.found[this.place];
    else if (event.key === "Escape") all ? this.close() : this.leave();
    else return;
    if (event.key === "Tab") return;
    event.preventDefault();
  }
}
