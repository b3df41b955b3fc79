// The mouse on the stage: drag to pan, wheel to zoom, click, and what is under it.

const STILL = 4; // pixels that a click may slip
const HANDLE = 16; // pixels

// `may.wheel()` tells whether a plain wheel zooms; with Ctrl it always does, as a pinch on a touchpad does.
export function listen(stage, camera, may, on, signal) {
  let from = null;
  let dragging = false;
  stage.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || onHandle(stage, event)) return;
    from = [event.clientX, event.clientY, event.target];
    stage.setPointerCapture(event.pointerId); // else a button let go outside would never be heard of
  }, { signal });
  stage.addEventListener("pointermove", (event) => {
    if (from && event.buttons === 0) end(false);
    if (!from) return on.hover(event.target);
    const [dx, dy] = [event.clientX - from[0], event.clientY - from[1]];
    if (!dragging && Math.hypot(dx, dy) < STILL) return undefined;
    if (!dragging) {
      dragging = true;
      stage.classList.add("nnx-dragging");
      on.hover(null);
    }
    camera.pan(dx, dy);
    from = [event.clientX, event.clientY, from[2]];
    return undefined;
  }, { signal });
  const end = (clicked) => {
    const target = from?.[2];
    const click = clicked && from && !dragging;
    from = null;
    dragging = false;
    stage.classList.remove("nnx-dragging");
    if (click) on.click(target);
  };
  stage.addEventListener("pointerup", () => end(true), { signal });
  stage.addEventListener("pointercancel", () => end(false), { signal });
  stage.addEventListener("pointerleave", () => on.hover(null), { signal });
  stage.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !may.wheel()) return;
    event.preventDefault();
    event.stopPropagation();
    const { left, top } = stage.getBoundingClientRect();
    const lines = event.deltaMode === 1 ? 16 : 1;
    const factor = Math.exp(-event.deltaY * lines * (event.ctrlKey ? 0.01 : 0.002));
    camera.zoom(Math.min(Math.max(factor, 0.5), 2), [event.clientX - left, event.clientY - top]);
  }, { signal, passive: false });
}

// Whether it is at the corner by which the browser lets the stage be made higher.
function onHandle(stage, event) {
  const { right, bottom } = stage.getBoundingClientRect();
  return right - event.clientX < HANDLE && bottom - event.clientY < HANDLE;
}
