// What the network is for, and where it may begin: input, classes, a family; undo and redo beside them.

import { make } from "../explorer/dom.js";

export class Fields {
  // `act(name, what)` asks for an act.
  constructor(families, act) {
    this.act = act;
    this.input = this.field("input", "Input", "shape of one sample, such as 1,28,28", 11);
    this.classes = this.field("classes", "Classes", "how many answers", 5);
    this.family = make("select", { "aria-label": "Family", onchange: () => this.choose() },
      make("option", { value: "" }, "Family …"), ...families.map((name) => make("option", { value: name }, name)));
    this.undo = make("button", { type: "button", title: "Undo (Ctrl+Z)", onclick: () => act("undo") }, "Undo");
    this.redo = make("button", { type: "button", title: "Redo (Ctrl+Y)", onclick: () => act("redo") }, "Redo");
    this.data = make("span", { class: "nnb-mute" });
    this.elements = [this.family, labelled("Input", this.input), this.data, labelled("Classes", this.classes), this.undo, this.redo];
  }

  field(name, label, title, size) {
    const field = make("input", { type: "text", "aria-label": `${label}: ${title}`, title, size, spellcheck: "false",
      inputmode: name === "classes" ? "numeric" : null,
      onchange: () => this.act(name, { text: field.value }),
      onkeydown: (event) => {
        event.stopPropagation();
        if (event.key === "Enter") field.blur(), field.focus();
      } });
    return field;
  }

  choose() {
    const name = this.family.value;
    this.family.value = "";
    if (name) this.act("family", { name });
  }

  show(state) {
    for (const name of ["input", "classes"])
      if (document.activeElement !== this[name] || !state.refused) this[name].value = state[name];
    this.input.readOnly = Boolean(state.data);
    this.data.textContent = state.data ? `of ${state.data}` : "";
    this.undo.disabled = !state.undo;
    this.redo.disabled = !state.redo;
  }
}

function labelled(words, field) {
  return make("label", {}, make("span", { class: "nnb-mute" }, words), " ", field);
}
