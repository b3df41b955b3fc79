// The drawing with its boxes and frames: which is where, which leads to which, which one is chosen.

import { drawing, shape } from "./dom.js";

const BADGE = 6.5; // its radius

export class Picture {
  constructor(told, direction) {
    this.svg = drawing(told.svg);
    this.direction = direction;
    this.parts = new Map();
    this.after = new Map();
    this.before = new Map();
    this.holds = shape("g", { "aria-hidden": "true" });
    const boxes = new Map([...this.svg.querySelectorAll(".nn-node")].map((g) => [g.dataset.node, g]));
    const frames = new Map([...this.svg.querySelectorAll(".nn-frame")].map((g) => [g.dataset.frame, g]));
    told.frames.forEach((frame) => this.add({ ...frame, key: `f${frame.id}`, is: "frame" }, frames.get(`${frame.id}`)));
    told.nodes.forEach((node) => this.add({ ...node, key: `n${node.id}`, is: "node" }, boxes.get(`${node.id}`)));
    for (const [source, target] of told.edges) {
      append(this.after, `n${source}`, `n${target}`);
      append(this.before, `n${target}`, `n${source}`);
    }
    this.svg.append(this.holds); // above the lines
    this.svg.removeAttribute("style");
    this.svg.querySelectorAll("title").forEach((title) => title.remove());
    const first = this.nodes[0];
    if (first) this.rove(first);
  }

  add(part, element) {
    if (!element) return;
    part.element = element;
    part.act = part.acts[0] ?? null;
    this.parts.set(part.key, part);
    element.dataset.key = part.key;
    element.setAttribute("tabindex", "-1");
    element.setAttribute("role", "button");
    element.setAttribute("aria-label", spoken(part));
    if (part.act) element.setAttribute("aria-expanded", `${part.act === "fold"}`);
    this.holds.append(...hold(part));
  }

  get nodes() {
    return [...this.parts.values()].filter((part) => part.is === "node");
  }

  // The part that an element of the drawing belongs to; a frame only by its title.
  of(target) {
    const element = target instanceof Element ? target.closest("[data-key]") : null;
    const part = element && this.svg.contains(element) ? this.parts.get(element.dataset.key) : null;
    if (part?.is === "frame" && !target.closest(".nnx-hold")) return null;
    return part ?? null;
  }

  // The same part in a drawing made anew.
  like(part) {
    const all = [...this.parts.values()];
    const same = (one) => ["path", "type", "label"].every((name) => one[name] === part[name]);
    const alike = all.filter((one) => one.is === part.is && one.path === part.path && same(one));
    if (alike.length) return alike.find((one) => one.key === part.key) ?? alike[0];
    if (part.is === "node" && !part.act) return null;
    return this.at(part.path);
  }

  // The box or frame of a module, or the first thing within it.
  at(path) {
    const all = [...this.parts.values()].filter((one) => one.is === "frame" || one.kind !== "function");
    const under = (one) => one.path.startsWith(`${path}.`);
    return all.find((one) => path && one.path === path) ?? all.find((one) => path && under(one)) ?? null;
  }

  // Keep what a frame is folded by in sight where its corner is not.
  showHolds(right) {
    for (const { is, key, box: [x, , w] } of this.parts.values()) {
      const badge = is === "frame" && this.holds.querySelector(`[data-key="${key}"] .nnx-badge`);
      const shift = Math.min(0, Math.max(right - BADGE - 4, x + BADGE) - x - w);
      if (badge) badge.setAttribute("transform", `translate(${shift})`);
    }
  }

  rove(part) {
    this.svg.querySelector('[tabindex="0"]')?.setAttribute("tabindex", "-1");
    part.element.setAttribute("tabindex", "0");
  }

  choose(part) {
    this.mark("nnx-chosen", part ? [part] : []);
    this.svg.querySelectorAll(".nnx-touching").forEach((edge) => edge.classList.remove("nnx-touching"));
    if (!part) return;
    this.rove(part);
    if (part.is !== "node") return;
    for (const end of ["source", "target"])
      this.svg.querySelectorAll(`.nn-edge[data-${end}="${part.id}"]`).forEach((e) => e.classList.add("nnx-touching"));
  }

  mark(name, parts) {
    this.svg.querySelectorAll(`.${name}`).forEach((element) => element.classList.remove(name));
    parts.forEach((part) => part.element.classList.add(name));
  }

  // Along the lines by the arrows of their direction; across, to what stands beside.
  step(part, key) {
    if (part.is !== "node") return this.inside(part);
    const [back, on] = this.direction === "right" ? ["ArrowLeft", "ArrowRight"] : ["ArrowUp", "ArrowDown"];
    const linked = key === on ? this.after : key === back ? this.before : null;
    if (linked) return closest(part, (linked.get(part.key) ?? []).map((k) => this.parts.get(k)).filter(Boolean));
    const down = this.direction !== "right";
    const [along, across] = down ? [1, 0] : [0, 1];
    const sign = ["ArrowRight", "ArrowDown"].includes(key) ? 1 : -1;
    const here = middle(part);
    const beside = this.nodes.filter((other) => {
      const there = middle(other);
      return sign * (there[across] - here[across]) > 8 && Math.abs(there[along] - here[along]) < 60;
    });
    return closest(part, beside);
  }

  inside(frame) {
    const [x, y, w, h] = frame.box;
    return this.nodes.find(({ box }) => box[0] >= x && box[1] >= y && box[0] < x + w && box[1] < y + h) ?? null;
  }

  // The innermost frame around a part.
  around(part) {
    const [x, y] = part.box;
    const around = [...this.parts.values()].filter(({ is, box, key }) => {
      const within = x >= box[0] && y >= box[1] && x < box[0] + box[2] && y < box[1] + box[3];
      return is === "frame" && key !== part.key && within && box[2] * box[3] > part.box[2] * part.box[3];
    });
    return around.sort((a, b) => a.box[2] * a.box[3] - b.box[2] * b.box[3])[0] ?? null;
  }
}

function append(map, key, value) {
  map.set(key, [...(map.get(key) ?? []), value]);
}

function middle({ box: [x, y, w, h] }) {
  return [x + w / 2, y + h / 2];
}

function closest(part, others) {
  const [x, y] = middle(part);
  const far = (other) => Math.hypot(middle(other)[0] - x, middle(other)[1] - y);
  return others.sort((a, b) => far(a) - far(b))[0] ?? null;
}

export function spoken(part) {
  const does = part.act ? `Enter ${part.act === "fold" ? "folds" : "opens"} it` : "";
  const words = [part.label, part.path && part.path !== part.label ? part.path : ""];
  const gives = part.output ? `gives ${part.output}` : "";
  const size = part.params ? `${part.params} parameters` : "";
  return [...words, gives, size, does].filter(Boolean).join(", ");
}

// Where a frame is taken hold of, and what shows that a part opens or folds.
function hold({ is, key, box: [x, y, w], act }) {
  const frame = is === "frame";
  const [cx, cy] = [x + w, y];
  const minus = `M${cx - 3} ${cy}h6`;
  const strip = shape("rect", { x, y, width: w, height: 22 });
  const badge = shape("g", { class: "nnx-badge" }, shape("circle", { cx, cy, r: BADGE }),
    shape("path", { d: act === "fold" ? minus : `${minus}M${cx} ${cy - 3}v6` }));
  const parts = [frame && strip, act && badge].filter(Boolean);
  return parts.length ? [shape("g", { class: "nnx-hold", "data-key": key }, ...parts)] : [];
}
