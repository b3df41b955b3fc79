// The explorer itself: its parts, and what a click, a key or a picture drawn anew does to all of them.

import { Camera, READABLE } from "./camera.js";
import { Card, Detail } from "./card.js";
import { copied } from "./copy.js";
import { make } from "./dom.js";
import { Find } from "./find.js";
import { laidOut } from "./frame.js";
import { press } from "./keys.js";
import { Kernel } from "./kernel.js";
import { Picture } from "./picture.js";
import { listen } from "./pointer.js";
import { matches, stands } from "./search.js";
import { Tree } from "./tree.js";

const SMALLEST_STAGE = 220;
const TALLEST = 600;

export class Explorer {
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
    this.root = laidOut(this);
    this.draw();
    listen(this.stage, this.camera, { wheel: () => this.root.contains(document.activeElement) },
      { hover: (target) => this.hover(target), click: (target) => this.click(target) }, signal);
    // JupyterLab reads these keys as commands for the cell; here they are ours.
    this.root.addEventListener("keydown", (event) => press(this, event), { signal });
    this.stage.addEventListener("focusin", (event) => this.focused(event.target), { signal });
    model.on("change:picture", this.redraw = () => this.anew());
    signal.addEventListener("abort", () => model.off("change:picture", this.redraw));
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
    this.start();
    const watch = new ResizeObserver(() => this.stage.clientWidth && this.camera.resize());
    watch.observe(this.stage);
    this.signal.addEventListener("abort", () => watch.disconnect());
  }

  // Where the network begins.
  start() {
    const [x, , width] = this.picture.nodes[0]?.box ?? [0, 0, 0];
    this.camera.begin(x + width / 2);
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
    const { waiting } = this.kernel; // null where the whole was asked for
    const kept = waiting === undefined ? this.kept(this.chosen) : waiting;
    const focused = this.stage.contains(document.activeElement) && document.activeElement !== this.stage;
    const before = this.chosen;
    this.card.hide();
    this.draw();
    this.grow();
    const again = kept && (this.picture.like(kept.part) ?? this.picture.at(kept.part.path) ?? this.drawnFor(kept.part.path));
    if (again) this.keep(again, kept.at);
    else this.start();
    const chosen = again ?? (before && this.picture.like(before));
    this.choose(chosen ?? null);
    if (focused) (chosen?.element ?? this.stage).focus({ preventScroll: true });
    this.find.again();
  }

  // Leave a part at its place on the stage, if that is in sight.
  keep(part, at) {
    const [x, y] = part.box;
    this.camera.put(x, y, ...at);
    if (!this.camera.sees(x, y)) this.camera.reveal(part.box);
  }

  // What shows a module of the list: itself, what it lies in, or the copy that is drawn for it.
  drawnFor(path) {
    const i = this.model.get("rows").findIndex((row) => row[0] === path);
    return this.picture.parts.get(this.model.get("picture").at[i]) ?? null;
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
    this.tree.mark(part?.path ?? "");
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
    const { x, scale, seen } = this.camera;
    this.percent.textContent = `${Math.round(scale * 100)} %`;
    this.picture.showHolds(x + seen.width / scale);
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
    this.show(part);
    part.element.focus({ preventScroll: true });
  }

  // Bring a part into sight: in the picture, and the picture in the page.
  show(part) {
    this.camera.reveal(part.box);
    this.stage.scrollIntoView({ block: "nearest" });
  }

  search(words) {
    const found = words === null ? [] : matches(words, this.picture, this.model.get("rows"), this.model.get("picture").at);
    this.root.classList.toggle("nnx-searching", found.length > 0);
    this.picture.mark("nnx-found", found.map(({ part }) => part));
    return found;
  }

  // Show a match; null where nothing was found.
  go(match) {
    if (!match) {
      this.choose(null);
      return this.say("");
    }
    const { part, path } = match;
    this.choose(part);
    this.show(part);
    if (path && path !== part.path) {
      this.tree.mark(path);
      return this.say(stands(path, part));
    }
    return this.say(part.label);
  }

  fromTree(path) {
    const part = this.drawnFor(path);
    this.chosen = part;
    this.picture.choose(part);
    this.detail.show(part, part ? this.acts(part) : []);
    if (!part) {
      this.say(path ? `${path} is not drawn.` : "");
      return;
    }
    this.camera.reveal(part.box);
    this.say(stands(path, part));
  }

  say(line) {
    this.status.textContent = line;
  }
}
