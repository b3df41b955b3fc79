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
    Object.assign(this, { act, add, rows: [], elements: [], place: -1, editing: null, moves: 0 });
    Object.assign(this, { subjects: new Map(), last: 0 }); // the rows that acts are about which are still to come
    this.list = make("div", { class: "nnb-list", role: "tree", "aria-label": "Layers",
      onclick: (event) => this.click(event), ondblclick: () => this.edit(), onkeydown: (event) => this.key(event) });
    const heads = [["nnb-text", "layer"], ["nnb-shape", "output"], ["nnb-params", "parameters"]];
    const head = make("div", { class: "nnb-head", "aria-hidden": "true" }, ...heads.map(([c, words]) => make("span", { class: c }, words)));
    this.element = make("div", { class: "nnb-rows" }, head, this.list);
  }

  get chosen() {
    return this.rows[this.place] ?? null;
  }

  // `state.chosen` is the address to choose; without it the choice stays in its place. Who has gone to another
  // row since the question, or edits one, stays there.
  show(state, question) {
    const focused = this.list.contains(document.activeElement);
    const before = { rows: this.rows, chosen: this.chosen, editing: this.editing };
    this.editing = null;
    this.rows = state.rows;
    this.elements = state.rows.map((row) => rowOf(row, state.stale));
    const empty = make("div", { class: "nnb-empty" }, "No layers yet: add one, choose a family, or write the text below.");
    const more = state.more ? make("div", { class: "nnb-empty" }, `${state.more} more are in the text.`) : null;
    this.list.replaceChildren(...(this.rows.length ? this.elements : [empty]), ...(more ? [more] : []));
    this.list.classList.toggle("nnb-stale", state.stale);
    const told = this.rows.find((row) => row.at === state.chosen);
    const now = (row) => row && nearest(row, before.rows, this.rows);
    for (const [of, row] of this.subjects) this.subjects.set(of, of === question?.of ? told : now(row));
    const stays = question && question.mark !== this.moves ? now(before.chosen) : told;
    const found = stays ? this.rows.indexOf(stays) : Math.min(Math.max(this.place, 0), this.rows.length - 1);
    this.choose(found, focused);
    if (!this.rows.length) this.list.setAttribute("tabindex", "0");
    else this.list.removeAttribute("tabindex");
    if (focused && !this.rows.length) this.list.focus({ preventScroll: true });
    if (before.editing) this.resume(before.editing, now(before.editing.row));
  }

  // Go on with a field that the answer to an earlier question has found open.
  resume({ field }, row) {
    if (!row) return;
    this.choose(this.rows.indexOf(row), false);
    this.edit(field.value);
    this.editing.field.setSelectionRange(field.selectionStart, field.selectionEnd);
  }

  // Return a way to tell where the row that is chosen now will be, once the answers before have come.
  subject() {
    const row = this.chosen;
    const known = [...this.subjects].find(([, each]) => each === row);
    const of = known ? known[0] : (this.last += 1);
    this.subjects.set(of, row);
    return () => {
      const at = this.subjects.get(of)?.at;
      return { of, at };
    };
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
    if (place >= 0 && !this.editing) this.pick(place);
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
    if (this.rows.length) this.pick(Math.min(Math.max(place, 0), this.rows.length - 1));
  }

  // Choose as the person wants it: the answer to an earlier question leaves it so.
  pick(place) {
    this.moves += 1;
    this.choose(place, true);
  }

  // Ask for an act on the chosen row; pressed several times in a row, it follows the layer.
  on(act) {
    if (!this.chosen) return;
    const where = this.subject();
    this.act(act, () => {
      const found = where();
      return found.at === undefined ? null : found;
    });
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
    if (text.trim() === row.written) return;
    const where = this.subject();
    this.act("edit", () => ({ ...where(), text }));
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

// The row that is what another was among the rows before; undefined where there is none.
function nearest(row, before, rows) {
  const same = rows.filter(({ written, level }) => written === row.written && level === row.level);
  const place = before.indexOf(row);
  const off = (each) => Math.abs(rows.indexOf(each) - place);
  return same.find(({ at }) => at === row.at) ?? same.sort((a, b) => off(a) - off(b))[0];
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
