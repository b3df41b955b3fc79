// The network's modules as a tree, as in the summary. Rows are made when their parent is opened.

import { make } from "./dom.js";

const OPEN_AT_FIRST = 12; // a parent of no more than this many is shown open

export class Tree {
  // A row is [path, name, class, output, parameters]; `chosen(path)` is called for the one picked.
  constructor(rows, unlisted, chosen) {
    this.chosen = chosen;
    this.items = new Map();
    for (const [path, name, type, output, params] of rows)
      this.items.set(path, { path, name, type, output, params, inside: [], row: null, open: false });
    for (const item of this.items.values())
      if (item.path) this.items.get(above(item.path))?.inside.push(item);
    this.element = make("div", { class: "nnx-tree", role: "tree", "aria-label": "Layers",
      onclick: (event) => this.click(event), onkeydown: (event) => this.key(event) });
    const root = this.items.get("");
    if (!root) return;
    const heads = [["nnx-name", "layer"], ["nnx-out", "output"], ["nnx-num", "params"]];
    this.head = make("div", { class: "nnx-head", "aria-hidden": "true" }, ...heads.map(([c, words]) => make("span", { class: c }, words)));
    this.element.append(this.head, this.rowOf(root, 0));
    if (unlisted) this.element.append(make("div", { class: "nnx-mute" }, `${unlisted} more are not listed.`));
    this.open(root);
    if (root.inside.length <= OPEN_AT_FIRST && root.inside.length < 3) root.inside.forEach((item) => this.open(item));
    root.row.setAttribute("tabindex", "0");
  }

  rowOf(item, level) {
    const sign = make("span", { class: "nnx-sign", "aria-hidden": "true" }, item.inside.length ? "▸" : "");
    const name = make("span", { class: "nnx-name" }, sign, ...(item.name ? [make("code", {}, item.name), ": "] : []), item.type);
    item.level = level;
    item.row = make("div", { class: "nnx-row", role: "treeitem", tabindex: "-1", "aria-level": level + 1,
      "aria-selected": "false", "aria-expanded": item.inside.length ? "false" : null, title: item.path || null,
      style: `padding-left:${4 + 12 * Math.min(level, 8)}px` },
    name, make("span", { class: "nnx-out" }, item.output), make("span", { class: "nnx-num" }, item.params));
    item.row.dataset.path = item.path;
    return item.row;
  }

  open(item) {
    if (item.open || !item.inside.length) return;
    item.open = true;
    item.row.setAttribute("aria-expanded", "true");
    item.row.querySelector(".nnx-sign").textContent = "▾";
    item.row.after(...item.inside.map((child) => child.row ?? this.rowOf(child, item.level + 1)));
  }

  fold(item) {
    if (!item.open) return;
    item.inside.forEach((child) => {
      this.fold(child);
      child.row.remove();
    });
    item.open = false;
    item.row.setAttribute("aria-expanded", "false");
    item.row.querySelector(".nnx-sign").textContent = "▸";
  }

  // Mark the row of a module, or of the nearest one above it; opens what it lies in.
  mark(path) {
    let item = this.items.get(path);
    while (path && !item) item = this.items.get((path = above(path)));
    this.element.querySelector('[aria-selected="true"]')?.setAttribute("aria-selected", "false");
    if (!item || !path) return;
    const parents = [];
    for (let up = path; up; ) parents.unshift(this.items.get((up = above(up))));
    parents.forEach((parent) => parent && this.open(parent));
    item.row.setAttribute("aria-selected", "true");
    this.rove(item);
    this.reveal(item.row);
  }

  // Scroll the list, not the page.
  reveal(row) {
    const list = this.element;
    const top = row.offsetTop - list.offsetTop;
    const head = this.head.offsetHeight;
    if (top - head < list.scrollTop) list.scrollTop = top - head;
    else if (top + row.offsetHeight > list.scrollTop + list.clientHeight)
      list.scrollTop = top + row.offsetHeight - list.clientHeight;
  }

  rove(item) {
    this.element.querySelector('[tabindex="0"]')?.setAttribute("tabindex", "-1");
    item.row.setAttribute("tabindex", "0");
  }

  pick(item) {
    this.mark(item.path);
    this.rove(item);
    item.row.focus({ preventScroll: true });
    this.reveal(item.row);
    this.chosen(item.path);
  }

  click(event) {
    const item = this.items.get(event.target.closest("[role=treeitem]")?.dataset.path);
    if (!item) return;
    if (event.target.closest(".nnx-sign")) item.open ? this.fold(item) : this.open(item);
    this.pick(item);
  }

  key(event) {
    const item = this.items.get(event.target.closest("[role=treeitem]")?.dataset.path);
    if (!item || event.ctrlKey || event.metaKey || event.altKey) return;
    const next = this.moved(item, event.key);
    if (next === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    if (next) this.pick(next);
  }

  // The row to go to; null for none, undefined for a key that means nothing here.
  moved(item, key) {
    const rows = [...this.element.querySelectorAll("[role=treeitem]")];
    const place = rows.indexOf(item.row);
    const at = (n) => this.items.get(rows[n]?.dataset.path) ?? null;
    if (key === "ArrowDown") return at(place + 1);
    if (key === "ArrowUp") return at(place - 1);
    if (key === "Home") return at(0);
    if (key === "End") return at(rows.length - 1);
    if (key === "ArrowRight") return item.open ? item.inside[0] : (this.open(item), item);
    if (key === "ArrowLeft") return item.open ? (this.fold(item), item) : item.path ? this.items.get(above(item.path)) : null;
    return key === "Enter" || key === " " ? item : undefined;
  }
}

function above(path) {
  return path.slice(0, Math.max(path.lastIndexOf("."), 0));
}
