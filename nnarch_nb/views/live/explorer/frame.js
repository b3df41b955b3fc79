// The elements of the explorer and how they lie: a bar, the keys, the stage with the list, two lines.

import { make } from "./dom.js";
import { KEYS } from "./keys.js";

export function laidOut(it) {
  const { camera, tree } = it;
  it.percent = make("span", { class: "nnx-percent" });
  const keys = make("div", { class: "nnx-keys" }, ...KEYS.map(keyLine));
  const zoom = make("span", { class: "nnx-zoom" },
    button("−", "Zoom out", () => camera.zoom(0.8)), it.percent,
    button("+", "Zoom in", () => camera.zoom(1.25)), button("Fit", "Show all of it", () => camera.fit()));
  const bar = make("div", { class: "nnx-bar" }, it.find.element, zoom,
    toggle("Layers", tree.element, () => it.chosen?.path && tree.mark(it.chosen.path)),
    button("Reset", "Draw it as it was at first", () => it.ask("reset", null)), toggle("Keys", keys));
  const both = make("div", { class: "nnx-both" }, it.stage, tree.element);
  // Lumino's way to say that keys pressed in here are no shortcuts of the application.
  return make("div", { class: "nnx", "data-lm-suppress-shortcuts": "true", "data-jp-suppress-context-menu": "true",
    role: "region", "aria-label": "Graph explorer" }, bar, keys, both, it.detail.element, it.status);
}

function button(sign, name, act) {
  const label = sign.length > 1 ? null : name; // words speak for themselves
  return make("button", { type: "button", title: name, "aria-label": label, onclick: act }, sign);
}

// A button that shows and hides an element, which is hidden at first.
function toggle(words, element, shown = () => {}) {
  const pressed = make("button", { type: "button", "aria-expanded": "false" }, words);
  element.hidden = true;
  pressed.addEventListener("click", () => {
    element.hidden = !element.hidden;
    pressed.setAttribute("aria-expanded", `${!element.hidden}`);
    if (!element.hidden) shown();
  });
  return pressed;
}

function keyLine([key, does]) {
  return make("span", {}, make("kbd", {}, key), ` ${does}`);
}
