// The search field: how many match, and one after the other.

import { make } from "./dom.js";

export class Find {
  // `search(words)` gives the matches, `go(match)` shows one or, with null, none, `leave()` puts the focus back.
  constructor(search, go, leave) {
    Object.assign(this, { search, go, leave, matches: [], place: -1 });
    this.input = make("input", { type: "search", placeholder: "Find path or class", "aria-label": "Find path or class",
      oninput: () => this.look(), onkeydown: (event) => this.key(event) });
    this.count = make("span", { class: "nnx-count", "aria-live": "polite" });
    this.steps = [["‹", "Previous match", -1], ["›", "Next match", 1]].map(([sign, name, by]) =>
      make("button", { type: "button", "aria-label": name, title: name, hidden: "", onclick: () => this.move(by) }, sign));
    this.element = make("span", { class: "nnx-find", role: "search" }, this.input, this.count, ...this.steps);
  }

  look() {
    const words = this.input.value.trim().toLowerCase();
    this.matches = words ? this.search(words) : this.search(null);
    this.place = -1;
    this.tell();
    if (words && !this.matches.length) this.go(null);
    this.move(1);
  }

  // Search again in a picture drawn anew, without moving to a match.
  again() {
    const words = this.input.value.trim().toLowerCase();
    if (!words) return;
    this.matches = this.search(words);
    this.place = Math.min(this.place, this.matches.length - 1);
    this.tell();
  }

  move(by) {
    const all = this.matches.length;
    if (!all) return;
    this.place = (this.place + by + all) % all;
    this.tell();
    this.go(this.matches[this.place]);
  }

  tell() {
    const all = this.matches.length;
    this.steps.forEach((button) => (button.hidden = all === 0));
    this.count.textContent = all ? `${this.place + 1} of ${all}` : this.input.value.trim() ? "none" : "";
  }

  key(event) {
    if (event.key === "Enter") this.move(event.shiftKey ? -1 : 1);
    else if (event.key === "Escape") {
      this.input.value = "";
      this.look();
      this.leave();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }
}
