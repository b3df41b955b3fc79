// What comes of it: the network under a name in the notebook, or code in the next cell; and the text.

import { copied } from "../explorer/copy.js";
import { insertBelow } from "./cells.js";
import { make } from "../explorer/dom.js";

export class Ends {
  constructor(model, asks, say) {
    Object.assign(this, { model, asks, say, asked: new Set() });
    this.name = make("input", { type: "text", "aria-label": "Name of the network in the notebook", size: 9, spellcheck: "false",
      onkeydown: (event) => event.stopPropagation() });
    this.name.value = model.get("state").store;
    this.buttons = [
      button("Use as model", "Keep the network in the notebook under this name", () => this.ask("use")),
      button("Insert code", "Put a class in plain PyTorch into the next cell", () => this.ask("code", "python")),
      button("Insert %%nnarch cell", "Put the text into the next cell, to be built there", () => this.ask("code", "cell")),
    ];
    this.element = make("div", { class: "nnb-ends" }, make("label", {}, make("span", { class: "nnb-mute" }, "Name"), " ", this.name), ...this.buttons);
  }

  show(state) {
    this.buttons.forEach((each) => (each.disabled = !state.stands));
  }

  ask(kind, form) {
    const what = [kind, form, this.name.value].join();
    if (this.asked.has(what)) return; // pressed twice in a row: once is meant
    this.asked.add(what);
    this.say(kind === "use" ? "Its weights are drawn once no cell runs …" : "Writing the code …");
    this.asks.ask({ kind, form, name: this.name.value });
  }

  used({ line, refused }) {
    this.asked.clear();
    this.say(line, refused);
  }

  async inserted({ code, line }) {
    this.asked.clear();
    if (code === undefined) return this.say(line, true);
    if (insertBelow(this.model, this.model.get("cell"), code)) return this.say("The code is in the cell below.");
    if (await copied(code)) return this.say("This page cannot add a cell; the code is on the clipboard.");
    return this.say("This page can neither add a cell nor copy; copy the text below instead.", true);
  }
}

export class Text {
  // `typed(text)` is called at each change.
  constructor(typed) {
    this.area = make("textarea", { "aria-label": "The text of the layers", spellcheck: "false", rows: 6,
      oninput: () => typed(this.area.value), onkeydown: (event) => event.stopPropagation() });
    this.element = make("details", { class: "nnb-spec", ontoggle: () => this.fit() }, make("summary", {}, "Text"), this.area);
  }

  // As high as the text, its wrapped lines too.
  fit() {
    const { area } = this;
    area.rows = Math.min(Math.max(area.value.split("\n").length + 1, 4), 16);
    while (area.rows < 16 && area.scrollHeight > area.clientHeight) area.rows += 1;
  }

  // What is being typed is newer than any answer.
  show(state, question) {
    if (question?.act === "text") return;
    this.area.value = state.text;
    this.fit();
  }
}

function button(words, title, act) {
  return make("button", { type: "button", title, onclick: act }, words);
}
