// The layers as a list, those inside others set in: to move about in and to change by keyboard or mouse.

import { make } from "../explorer/dom.js";

const SAYS = { broken: "does not fit", holds: "holds what does not fit", after: "not reached" };
const SIGNS = { broken: "✗", holds: "▾", after: "·", fits: "" };

export const KEYS = [
  ["↑ ↓", "move between rows"],
  ["Enter", "edit the row; Enter again takes it, Esc leaves it"],
  ["Delete", "remove"],
  ["Alt+↑ Alt+↓", "move the layer"],
  ["Ctrl+D", "duplicate"],
  ["Insert or a", "add after the row"],
  ["Ctrl+Z Ctrl+Y", "undo, redo"],
];

export class Rows {
  // `act(name, what)` asks for an act; `add()` goes to the field that adds.
  constructor(act, add) {
    Object.assign(this, { act, add, rows: [], elements: [], place: -1, editing: null });
    this.list = make("div", { class: "nnb-list", role: "tree", "aria-label": "Layers",
      onclick: (event) => this.click(event), ondblclick: () => this.edit(), onkeydown: (event) => this.key(event) });
    const heads = [["nnb-text", "layer"], ["nnb-shape", "output"], ["nnb-params", "parameters"]];
    const head = make("div", { class: "nnb-head", "aria-hidden": "true" }, ...heads.map(([c, words]) => make("span", { class: c }, words)));
    this.element = make("div", { class: "nnb-rows" }, head, this.list);
  }

  get chosen() {
    return this.rows[this.place] ?? null;
  }

  // `chosen` is the address to choose; without it the choice stays in its place.
  show(state) {
    const focused = this.list.contains(document.activeElement);
    this.editing = null;
    this.rows = state.rows;
    this.elements = state.rows.map((row) => rowOf(row, state.stale));
    const empty = make("div", { class: "nnb-empty" }, "No layers yet: add one, choose a family, or write the text below.");
    const more = state.more ? make("div", { class: "nnb-empty" }, `${state.more} more are in the text.`) : null;
    this.list.replaceChildren(...(this.rows.length ? this.elements : [empty]), ...(more ? [more] : []));
    this.list.classList.toggle("nnb-stale", state.stale);
    const found = this.rows.findIndex((row) => row.at === state.chosen);
    this.choose(found >= 0 ? found : Math.min(Math.max(this.place, 0), this.rows.length - 1), focused);
    if (!this.rows.length) this.list.setAttribute("tabindex", "0");
    else this.list.removeAttribute("tabindex");
    if (focused && !this.rows.length) this.list.focus({ preventScroll: true });
  }

  choose(place, focus) {
    this.elements[this.place]?.setAttribute("aria-selected", "false");
    this.elements[this.place]?.setAttribute("tabindex", "-1");
    this.place = place;
    const element = this.elements[place];
    if (!element) return;
    element.setAttribute("aria-selected", "true");
    element.setAttribute("tabindex", "0");
    if (focus) element.focus({ preventScroll: true });
    this.reveal(element);
  }

  // Scroll the list, not the page.
  reveal(element) {
    const { list } = this;
    const top = element.offsetTop - list.offsetTop;
    if (top < list.scrollTop) list.scrollTop = top;
    else if (top + element.offsetHeight > list.scrollTop + list.clientHeight)
      list.scrollTop = top + element.offsetHeight - list.clientHeight;
  }

  focus() {
    (this.elements[this.place] ?? this.list).focus({ preventScroll: true });
  }

  click(event) {
    const place = this.elements.indexOf(event.target.closest("[role=treeitem]"));
    if (place >= 0 && !this.editing) this.choose(place, true);
  }

  key(event) {
    if (event.target.matches("input")) return;
    const name = nameOf(event);
    const does = DOES[name];
    if (!does) return;
    event.preventDefault();
    event.stopPropagation();
    does(this);
  }

  go(place) {
    if (this.rows.length) this.choose(Math.min(Math.max(place, 0), this.rows.length - 1), true);
  }

  // Ask for an act on the chosen row.
  on(act) {
    if (this.chosen) this.act(act, { at: this.chosen.at });
  }

  // Put a field in the row's place; `words` is what stood in it when the kernel refused it.
  edit(words) {
    const row = this.chosen;
    if (!row || row.kind === "path" || this.editing) return;
    const field = make("input", { class: "nnb-field", "aria-label": `Edit ${row.text}`, spellcheck: "false",
      onkeydown: (event) => this.keyInField(event), onblur: () => this.take(false) });
    field.value = words ?? row.written;
    this.editing = { field, row };
    const element = this.elements[this.place];
    element.classList.add("nnb-editing");
    element.querySelector("code").replaceWith(field);
    field.focus({ preventScroll: true });
    if (words === undefined) field.select();
  }

  // Go on with what was refused, in its own row.
  again(at, words) {
    const place = this.rows.findIndex((row) => row.at === at);
    if (place < 0) return;
    this.choose(place, false);
    this.edit(words);
  }

  keyInField(event) {
    event.stopPropagation();
    if (event.key === "Enter") this.take(true);
    else if (event.key === "Escape") this.leave(true);
    else return;
    event.preventDefault();
  }

  take(focus) {
    if (!this.editing) return;
    const { field, row } = this.editing;
    const text = field.value;
    this.leave(focus);
    if (text.trim() !== row.written) this.act("edit", { at: row.at, text });
  }

  leave(focus) {
    const { field, row } = this.editing;
    this.editing = null;
    this.elements[this.place].classList.remove("nnb-editing");
    field.replaceWith(make("code", {}, row.text));
    if (focus) this.focus();
  }
}

const DOES = {
  ArrowDown: (it) => it.go(it.place + 1),
  ArrowUp: (it) => it.go(it.place - 1),
  Home: (it) => it.go(0),
  End: (it) => it.go(it.rows.length - 1),
  Enter: (it) => it.edit(),
  F2: (it) => it.edit(),
  Delete: (it) => it.on("remove"),
  Backspace: (it) => it.on("remove"),
  Insert: (it) => it.add(),
  a: (it) => it.add(),
  "Alt+ArrowUp": (it) => it.on("up"),
  "Alt+ArrowDown": (it) => it.on("down"),
  "Ctrl+d": (it) => it.on("double"),
};

// A key with those that are held, such as Alt+ArrowUp; ⌘ counts as Ctrl.
export function nameOf(event) {
  const held = [[event.ctrlKey || event.metaKey, "Ctrl"], [event.altKey, "Alt"], [event.shiftKey && event.key.length === 1, "Shift"]];
  return [...held.filter(([down]) => down).map(([, name]) => name), event.key.length === 1 ? event.key.toLowerCase() : event.key].join("+");
}

function rowOf(row, stale) {
  const dot = make("span", { class: "nnb-dot", style: row.colour ? `background:${row.colour}` : null, "aria-hidden": "true" });
  const sign = make("span", { class: "nnb-sign", "aria-hidden": "true" }, SIGNS[row.state]);
  const told = [row.text, row.shape && `gives ${row.shape}`, row.params && `${row.params} parameters`,
    SAYS[row.state], row.problem, stale && "as it was before the text became unreadable"];
  return make("div", { class: `nnb-row nnb-${row.state} nnb-kind-${row.kind}`, role: "treeitem", tabindex: "-1", "data-at": row.at,
    "aria-level": row.level + 1, "aria-selected": "false", "aria-label": told.filter(Boolean).join(", "),
    style: `--nnb-level:${Math.min(row.level, 10)}` },
  make("span", { class: "nnb-text" }, sign, dot, row.kind === "path" ? make("i", {}, row.text) : make("code", {}, row.text),
    row.state === "after" ? make("small", {}, "not reached") : null),
  make("span", { class: "nnb-shape" }, row.shape), make("span", { class: "nnb-params" }, row.params),
  row.problem ? make("span", { class: "nnb-why" }, row.problem) : null);
}
