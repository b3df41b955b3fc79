// The graph explorer: the static picture, to move about in, to search, and to open and fold.

import { Camera, READABLE } from "./camera.js";
import { Card, Detail } from "./card.js";
import { copied } from "./copy.js";
import { make } from "./dom.js";
import { Find } from "./find.js";
import { KEYS, press } from "./keys.js";
import { Kernel } from "./kernel.js";
import { Picture } from "./picture.js";
import { inPage, place } from "./place.js";
import { listen } from "./pointer.js";
import { Tree } from "./tree.js";

const SMALLEST_STAGE = 220;
const TALLEST = 600;
const UNREADABLE = "The explorer cannot read this picture; it is shown as it is.";

class Explorer {
  constructor(model, signal) {
    Object.assign(this, { model, signal, chosen: null });
    this.status = make("div", { class: "nnx-status", role: "status", "aria-live": "polite" });
    this.kernel = new Kernel(model, (line) => this.say(line), signal);
    this.stage = make("div", { class: "nnx-stage", tabindex: "0", role: "group", "aria-label": model.get("alt") });
    this.card = new Card(this.stage);
    this.camera = new Camera(this.stage, () => this.moved());
    this.find = new Find((words) => this.search(words), (match) => this.go(match), () => this.stage.focus());
    this.tree = new Tree(model.get("rows"), model.get("unlisted"), (path) => this.fromTree(path));
    this.detail = new Detail();
    this.root = this.laidOut();
    this.draw();
    listen(this.stage, this.camera, { wheel: () => this.root.contains(document.activeElement) },
      { hover: (target) => this.hover(target), click: (target) => this.click(target) }, signal);
    // JupyterLab reads these keys as commands for the cell; here they are ours.
    this.root.addEventListener("keydown", (event) => press(this, event), { signal });
    this.stage.addEventListener("focusin", (event) => this.focused(event.target), { signal });
    model.on("change:picture", this.redraw = () => this.anew());
    signal.addEventListener("abort", () => model.off("change:picture", this.redraw));
  }

  laidOut() {
    const button = (sign, name, act) => make("button", { type: "button", title: name, "aria-label": sign.length > 1 ? null : name, onclick: act }, sign);
    this.percent = make("span", { class: "nnx-percent" });
    this.toggle = make("button", { type: "button", "aria-expanded": "false", onclick: () => this.list() }, "Layers");
    this.keys = make("div", { class: "nnx-keys" }, ...KEYS.map(([key, does]) => make("span", {}, make("kbd", {}, key), ` ${does}`)));
    this.keys.hidden = true;
    const help = make("button", { type: "button", "aria-expanded": "false", onclick: () => this.help() }, "Keys");
    this.helpButton = help;
    const bar = make("div", { class: "nnx-bar" }, this.find.element, make("span", { class: "nnx-zoom" },
      button("−", "Zoom out", () => this.camera.zoom(0.8)), this.percent, button("+", "Zoom in", () => this.camera.zoom(1.25)),
      button("Fit", "Show all of it", () => this.camera.fit())), this.toggle,
    button("Reset", "Draw it as it was at first", () => this.ask("reset", null)), help);
    this.tree.element.hidden = true;
    const both = make("div", { class: "nnx-both" }, this.stage, this.tree.element);
    // Lumino's way to say that keys pressed in here are no shortcuts of the application.
    return make("div", { class: "nnx", "data-lm-suppress-shortcuts": "true", "data-jp-suppress-context-menu": "true",
      role: "region", "aria-label": "Graph explorer" }, bar, this.keys, both, this.detail.element, this.status);
  }

  draw() {
    const told = this.model.get("picture");
    this.picture = new Picture(told, told.direction);
    this.stage.replaceChildren(this.picture.svg, this.card.element);
    this.camera.look(this.picture.svg, told.width, told.height);
  }

  // When it is in the page and has a size.
  begin() {
    this.grow();
    this.camera.begin();
    const watch = new ResizeObserver(() => this.stage.clientWidth && this.camera.resize());
    watch.observe(this.stage);
    this.signal.addEventListener("abort", () => watch.disconnect());
  }

  // As high as the picture needs; never lower than before, so that the page below does not jump up.
  grow() {
    const { width, height } = this.model.get("picture");
    const scale = Math.min(1, Math.max((this.stage.clientWidth - 24) / width, READABLE));
    const wanted = Math.min(Math.max(height * scale + 24, SMALLEST_STAGE), TALLEST);
    if (wanted > this.stage.clientHeight || !this.stage.style.height) this.stage.style.height = `${Math.round(wanted)}px`;
  }

  // The picture has been laid out anew: what was asked about stays where it is on the screen.
  anew() {
    const kept = this.kernel.waiting ?? this.kept(this.chosen);
    const focused = this.stage.contains(document.activeElement) && document.activeElement !== this.stage;
    const before = this.chosen;
    this.card.hide();
    this.draw();
    this.grow();
    const again = kept && (this.picture.like(kept.part) ?? this.picture.at(kept.part.path));
    if (again) this.camera.put(again.box[0], again.box[1], ...kept.at);
    else this.camera.show();
    const chosen = again ?? (before && this.picture.like(before));
    this.choose(chosen ?? null);
    if (focused) (chosen?.element ?? this.stage).focus({ preventScroll: true });
    this.find.again();
  }

  kept(part) {
    return part && { part, at: this.camera.onStage(part.box[0], part.box[1]) };
  }

  ask(act, part) {
    if (!this.kernel.busy) this.kernel.ask(act, part, this.kept(part));
  }

  // Open a folded box, fold an opened frame.
  turn(part) {
    this.choose(part);
    this.ask(part.act, part);
  }

  choose(part) {
    this.chosen = part;
    this.picture.choose(part);
    this.detail.show(part, part ? this.acts(part) : []);
    if (part?.path) this.tree.mark(part.path);
  }

  acts(part) {
    const words = { open: "Open", fold: "Fold", all: `Draw all ${part.count}`, once: "Draw alike ones once", steps: "Show its steps" };
    const copy = part.path ? [["Copy path", () => this.copy(part)]] : [];
    return [...copy, ...part.acts.map((act) => [words[act], () => this.ask(act, part)])];
  }

  async copy(part = this.chosen) {
    if (!part?.path) return this.say("Nothing chosen that has a path.");
    if (await copied(part.path)) return this.say(`Copied ${part.path}`);
    this.detail.selectPath();
    return this.say("The browser does not let a page copy here; the path is selected below the picture, press Ctrl+C.");
  }

  click(target) {
    const part = this.picture.of(target);
    if (!part) {
      this.choose(null);
      this.stage.focus({ preventScroll: true });
      return;
    }
    part.element.focus({ preventScroll: true });
    if (part.act) this.turn(part);
    else {
      this.choose(part);
      if (part.path) this.copy(part);
    }
  }

  hover(target) {
    const part = target && this.picture.of(target);
    if (part === this.hovered) return;
    this.hovered = part;
    if (!part || part.is === "frame") return this.card.hide();
    const [x, y, w, h] = part.box;
    this.card.show(part, this.camera.onStage(x, y), this.camera.onStage(x + w, y + h));
  }

  moved() {
    this.percent.textContent = `${Math.round(this.camera.scale * 100)} %`;
    this.hovered = null;
    this.card.hide();
  }

  focused(target) {
    const part = target === this.stage ? null : this.picture.parts.get(target.dataset.key);
    if (!part || part === this.chosen) return;
    this.choose(part);
  }

  // Go to a part by key: it is chosen, has the focus and is in sight.
  goTo(part) {
    if (!part) return;
    this.choose(part);
    this.camera.reveal(part.box);
    part.element.focus({ preventScroll: true });
  }

  // Boxes and frames with the words in them; a module drawn as part of another is found there.
  search(words) {
    const { picture } = this;
    if (words === null) {
      this.root.classList.remove("nnx-searching");
      picture.mark("nnx-found", []);
      return [];
    }
    const has = (...texts) => texts.some((text) => text.toLowerCase().includes(words));
    const found = new Map();
    for (const part of picture.parts.values())
      if (has(part.path, part.type, part.label)) found.set(part.key, { part, path: part.path });
    const { at } = this.model.get("picture");
    this.model.get("rows").forEach(([path, , type], i) => {
      if (path && at[i] && !found.has(at[i]) && has(path, type)) found.set(at[i], { part: picture.parts.get(at[i]), path });
    });
    const matches = [...found.values()];
    this.root.classList.toggle("nnx-searching", matches.length > 0);
    picture.mark("nnx-found", matches.map(({ part }) => part));
    const [along, across] = picture.direction === "right" ? [0, 1] : [1, 0];
    return matches.sort((a, b) => a.part.box[along] - b.part.box[along] || a.part.box[across] - b.part.box[across]);
  }

  go({ part, path }) {
    this.choose(part);
    this.camera.reveal(part.box);
    if (path && path !== part.path) {
      this.tree.mark(path);
      this.say(this.stands(path, part));
    } else this.say(part.label);
  }

  // Where a module is drawn that has no box of its own.
  stands(path, part) {
    if (part.path === path) return part.label;
    const inside = part.count > 1 || path.startsWith(`${part.path}.`);
    return inside ? `${path} is drawn in ${part.label}` : `${path} is like ${part.path}, which is drawn for it`;
  }

  fromTree(path) {
    const i = this.model.get("rows").findIndex((row) => row[0] === path);
    const part = this.picture.parts.get(this.model.get("picture").at[i]);
    if (!part) {
      this.picture.choose(null);
      this.say(path ? `${path} is not drawn.` : "");
      return;
    }
    this.chosen = part;
    this.picture.choose(part);
    this.detail.show(part, this.acts(part));
    this.camera.reveal(part.box);
    this.say(this.stands(path, part));
  }

  list() {
    const hidden = (this.tree.element.hidden = !this.tree.element.hidden);
    this.toggle.setAttribute("aria-expanded", `${!hidden}`);
    if (!hidden && this.chosen?.path) this.tree.mark(this.chosen.path);
  }

  help() {
    this.keys.hidden = !this.keys.hidden;
    this.helpButton.setAttribute("aria-expanded", `${!this.keys.hidden}`);
  }

  say(line) {
    this.status.textContent = line;
  }
}

// The explorer, or null for a drawing that is no good XML, such as one with control characters in a name.
function opened(model, signal) {
  try {
    return new Explorer(model, signal);
  } catch (error) {
    console.error(error);
    return null;
  }
}

async function render({ model, el, signal }) {
  const ended = new AbortController();
  signal?.addEventListener("abort", () => ended.abort());
  const waiting = make("div", { class: "nnx-waiting" }, "Opening the explorer …");
  el.append(waiting);
  inPage(waiting, ended.signal).then(() => {
    waiting.remove();
    const explorer = opened(model, ended.signal);
    if (!explorer) return void el.append(make("div", { class: "nnx-waiting" }, UNREADABLE));
    const placed = place(explorer.root, el, model.get("alt"));
    ended.signal.addEventListener("abort", () => {
      placed.leave();
      explorer.kernel.tell({ kind: "closed" });
    });
    explorer.begin();
    if (placed.taken) explorer.kernel.tell({ kind: "placed" });
    return undefined;
  });
  return () => ended.abort();
}

export default { render };
