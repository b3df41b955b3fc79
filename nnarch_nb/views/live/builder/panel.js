// The builder as a whole: its parts, how they lie, and what each answer of the kernel means to them.

import { Adding } from "./adding.js";
import { Asks } from "./asks.js";
import { make } from "../explorer/dom.js";
import { Ends, Text } from "./ends.js";
import { Fields } from "./fields.js";
import { Picture } from "./picture.js";
import { Problem } from "./problem.js";
import { KEYS, nameOf, Rows } from "./rows.js";

const EVERYWHERE = { "Ctrl+z": "undo", "Ctrl+Shift+z": "redo", "Ctrl+y": "redo" };

export class Panel {
  constructor(model, signal) {
    const choices = model.get("choices");
    this.status = make("div", { class: "nnb-status", role: "status" });
    const say = (line, refused = false) => this.say(line, refused);
    const heard = { act: (...it) => this.answered(...it), draw: (it) => this.picture.show(it),
      code: (it) => this.ends.inserted(it), use: (it) => this.ends.used(it) };
    this.asks = new Asks(model, heard, say, signal);
    const act = (name, what) => this.act(name, what);
    this.rows = new Rows(act, () => this.adding.input.focus());
    this.adding = new Adding(choices.layers, (text, typed) => this.add(text, typed), () => this.rows.focus());
    this.fields = new Fields(choices.families, act);
    this.picture = new Picture();
    this.problem = new Problem((words) => {
      this.rows.focus(); // the button will be gone
      act("mend", { words });
    });
    this.ends = new Ends(model, this.asks, say);
    this.text = new Text((text) => act("text", { text }));
    this.sum = make("div", { class: "nnb-sum" });
    this.root = this.laidOut();
    this.show(model.get("state"));
  }

  laidOut() {
    const keys = make("div", { class: "nnb-keys", hidden: "" }, ...KEYS.map(([key, does]) => make("span", {}, make("kbd", {}, key), ` ${does}`)));
    const shown = make("button", { type: "button", "aria-expanded": "false", onclick: () => {
      keys.hidden = !keys.hidden;
      shown.setAttribute("aria-expanded", `${!keys.hidden}`);
    } }, "Keys");
    const bar = make("div", { class: "nnb-bar" }, ...this.fields.elements, shown);
    const acts = make("div", { class: "nnb-acts", role: "toolbar", "aria-label": "The chosen layer" }, ...[["Edit", () => this.rows.edit()],
      ["Remove", "remove"], ["↑", "up", "Move up"], ["↓", "down", "Move down"], ["Duplicate", "double"]].map(([words, does, name]) =>
      make("button", { type: "button", "aria-label": name, title: name, onclick: typeof does === "string" ? () => this.rows.on(does) : does }, words)));
    const left = make("div", { class: "nnb-left" }, this.adding.element, this.rows.element, acts, this.problem.element);
    // Lumino's way to say that keys pressed in here are no shortcuts of the application.
    return make("div", { class: "nnb", "data-lm-suppress-shortcuts": "true", "data-jp-suppress-context-menu": "true", role: "region",
      "aria-label": "Network builder", onkeydown: (event) => this.key(event) },
    bar, keys, make("div", { class: "nnb-both" }, left, this.picture.element), this.sum, this.text.element, this.ends.element, this.status);
  }

  act(name, what) {
    this.asks.act(name, what, this.rows.moves);
  }

  add(text, typed = false) {
    const where = this.rows.subject();
    this.act("add", () => ({ at: "", ...where(), text, typed }));
  }

  answered({ state }, question) {
    if (!state) return;
    if (question.act === "add" && question.typed && state.refused) this.adding.again(question.text);
    this.show(state, question);
    if (!this.asks.busy) this.rows.subjects.clear();
    this.say(state.line, state.refused);
    if (question.act === "edit" && state.refused) this.rows.again(question.at, question.text);
  }

  show(state, question) {
    this.fields.show(state);
    this.text.show(state, question);
    this.ends.show(state);
    this.adding.show(state);
    this.problem.show(state);
    if (!state.refused || question?.act === "edit") this.rows.show(state, question);
    this.root.querySelectorAll(".nnb-acts button").forEach((each) => (each.disabled = state.stale || !state.rows.length));
    const so = state.stands ? `gives ${state.output || "what its layers give; the input is not known"}` : "so far";
    this.sum.replaceChildren(make("b", {}, state.params), ` parameters ${state.stands ? "· " : ""}${so}`);
    if (state.refused) return;
    this.picture.outdated();
    this.asks.drawSoon();
  }

  say(line, refused = false) {
    this.status.textContent = line ?? "";
    this.status.classList.toggle("nnb-refused", refused);
  }

  key(event) {
    const act = EVERYWHERE[nameOf(event)];
    if (!act || event.target.matches("input,textarea")) return;
    event.preventDefault();
    event.stopPropagation();
    this.act(act);
  }
}
