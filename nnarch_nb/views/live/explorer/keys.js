// One table of keys: what the help shows and what each does.

const PAN = 60;
const ARROWS = { ArrowLeft: [PAN, 0], ArrowRight: [-PAN, 0], ArrowUp: [0, PAN], ArrowDown: [0, -PAN] };

export const KEYS = [
  ["arrows", "move the picture, or along the lines once a box is chosen; with Shift always the picture"],
  ["Enter", "choose the first box; open or fold the chosen one"],
  ["Esc", "to the frame around, then to the whole picture"],
  ["+ − 0", "zoom, show all; the wheel zooms too once the picture has been clicked, or with Ctrl"],
  ["c", "copy the path"],
  ["/", "find"],
];

const DOES = {
  "+": (it) => it.camera.zoom(1.25),
  "=": (it) => it.camera.zoom(1.25),
  "-": (it) => it.camera.zoom(0.8),
  0: (it) => it.camera.fit(),
  c: (it) => it.copy(),
  "/": (it) => it.find.input.focus(),
};
const ON_STAGE = {
  Enter: (it, part) => (!part ? it.goTo(it.chosen ?? it.picture.nodes[0]) : part.act ? it.turn(part) : it.copy(part)),
  " ": (it, part) => ON_STAGE.Enter(it, part),
  Home: (it) => it.goTo(it.picture.nodes[0]),
  End: (it) => it.goTo(it.picture.nodes.at(-1)),
  Escape: (it, part) => outward(it, part),
};

function outward(it, part) {
  const around = part && it.picture.around(part);
  if (around) return it.goTo(around);
  it.choose(null);
  it.stage.focus({ preventScroll: true });
  return undefined;
}

export function press(it, event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input")) return;
  const onStage = it.stage.contains(event.target);
  const part = onStage ? it.picture.parts.get(event.target.dataset.key) ?? null : null;
  const arrow = onStage && ARROWS[event.key];
  const act = DOES[event.key] ?? (onStage ? ON_STAGE[event.key] : undefined);
  if (!arrow && !act) return;
  event.preventDefault();
  event.stopPropagation();
  if (!arrow) act(it, part);
  else if (part && !event.shiftKey) it.goTo(it.picture.step(part, event.key));
  else it.camera.pan(...arrow);
}
