// What part of the picture is seen, and how large: one point of the picture, and pixels for each unit.

const SMALLEST = 0.05;
const LARGEST = 4;
const MARGIN = 12;
export const READABLE = 0.8; // text of ten pixels

export class Camera {
  constructor(stage, moved) {
    Object.assign(this, { stage, moved, x: 0, y: 0, scale: 1, width: 1, height: 1, wide: 0, rests: null, svg: null });
  }

  look(svg, width, height) {
    Object.assign(this, { svg, width, height });
    svg.setAttribute("width", "100%");
    svg.setAttribute("height", "100%");
    svg.setAttribute("preserveAspectRatio", "xMinYMin meet");
  }

  get seen() {
    return { width: this.stage.clientWidth || 1, height: this.stage.clientHeight || 1 };
  }

  show() {
    const { width, height } = this.seen;
    const box = [this.x, this.y, width / this.scale, height / this.scale];
    this.svg.setAttribute("viewBox", box.map((n) => Math.round(n * 100) / 100).join(" "));
    this.moved();
  }

  // The stage has another size: a view that nobody has moved is taken anew, else the middle stays.
  resize() {
    const { width } = this.seen;
    if (this.rests) return this.rests();
    if (this.wide) this.x += (this.wide - width) / 2 / this.scale;
    this.wide = width;
    return this.show();
  }

  pan(dx, dy) {
    this.x -= dx / this.scale;
    this.y -= dy / this.scale;
    this.within();
    this.show();
  }

  // Some of the picture stays in sight however far one pans.
  within() {
    const { width, height } = this.seen;
    const spare = 60 / this.scale;
    this.x = Math.min(Math.max(this.x, spare - width / this.scale), this.width - spare);
    this.y = Math.min(Math.max(this.y, spare - height / this.scale), this.height - spare);
    this.rests = null;
  }

  // Zoom about a point of the stage, its middle by default: what is there stays there.
  zoom(factor, at = null) {
    const { width, height } = this.seen;
    const [px, py] = at ?? [width / 2, height / 2];
    const scale = Math.min(Math.max(this.scale * factor, SMALLEST), LARGEST);
    this.x += px / this.scale - px / scale;
    this.y += py / this.scale - py / scale;
    this.scale = scale;
    this.within();
    this.show();
  }

  // All of it, but never larger than drawn.
  fit() {
    const { width, height } = this.seen;
    const scale = Math.min((width - 2 * MARGIN) / this.width, (height - 2 * MARGIN) / this.height, 1);
    this.at(Math.max(scale, SMALLEST), 0.5);
    this.rests = () => this.fit();
  }

  // As large as can be read across the stage, from its beginning: there, if not all of it goes across.
  begin(first) {
    const across = (this.seen.width - 2 * MARGIN) / this.width;
    this.at(Math.min(1, Math.max(across, READABLE)), 0, first);
    this.rests = () => this.begin(first);
  }

  at(scale, from, first = 0) {
    const { width, height } = this.seen;
    this.wide = width;
    const spareX = width / scale - this.width;
    const spareY = height / scale - this.height;
    this.scale = scale;
    const gap = MARGIN / scale;
    this.x = spareX > 0 ? -spareX / 2 : Math.min(Math.max(first - width / scale / 2, -gap), gap - spareX);
    this.y = spareY > 0 ? -spareY * from : -MARGIN / scale;
    if (spareY > 0 && from === 0) this.y = -Math.min(spareY / 2, MARGIN / scale);
    this.show();
  }

  // Where a point of the picture is on the stage.
  onStage(x, y) {
    return [(x - this.x) * this.scale, (y - this.y) * this.scale];
  }

  // Whether a point of the picture is on the stage.
  sees(x, y) {
    const { width, height } = this.seen;
    const [px, py] = this.onStage(x, y);
    return px >= 0 && py >= 0 && px < width && py < height;
  }

  // Bring the point of the picture to that place of the stage.
  put(x, y, px, py) {
    this.x = x - px / this.scale;
    this.y = y - py / this.scale;
    this.within();
    this.show();
  }

  // Move no more than needed for the box to be in sight.
  reveal([x, y, w, h]) {
    const { width, height } = this.seen;
    const gap = 2 * MARGIN / this.scale;
    this.x = nearest(this.x, x - gap, x + w + gap - width / this.scale);
    this.y = nearest(this.y, y - gap, y + h + gap - height / this.scale);
    this.rests = null;
    this.show();
  }
}

function nearest(now, first, last) {
  return last > first ? first : Math.min(Math.max(now, last), first);
}
