// Where a widget stands: in the place of the same static result in the same cell's output, if that is there,
// so that nothing is shown twice; else where the host put it.

function place(root, el, result) {
  if (!result) {
    el.append(root);
    return { taken: false, leave: () => root.remove() };
  }
  const display = result.style.display;
  result.dataset.nnTaken = "";
  result.style.display = "none";
  result.after(root);
  return {
    taken: true,
    leave: () => {
      root.remove();
      result.style.display = display;
      delete result.dataset.nnTaken;
    },
  };
}

// The last such result before the widget in its output area that no other widget stands for, or null.
export function resultBefore(el, selector, matches = () => true) {
  const all = el.closest(".jp-OutputArea")?.querySelectorAll(`${selector}:not([data-nn-taken])`) ?? [];
  const before = (each) => each.compareDocumentPosition(el) & Node.DOCUMENT_POSITION_FOLLOWING;
  return [...all].filter((each) => before(each) && matches(each)).at(-1) ?? null;
}

// Open a widget once its view is in the page, and say to the kernel where it stands and when it is gone.
// `open(signal)` returns its root, how to tell the kernel, and what to do once it stands; null where it cannot
// be opened. `find()` returns the result whose place it takes.
export function stand({ el, signal }, waiting, find, open) {
  const ended = new AbortController();
  signal?.addEventListener("abort", () => ended.abort());
  el.append(waiting);
  inPage(waiting, ended.signal).then(() => {
    waiting.remove();
    const opened = open(ended.signal);
    if (!opened) return;
    const { root, tell, begin } = opened;
    const { taken, leave } = place(root, el, find());
    ended.signal.addEventListener("abort", () => {
      leave();
      tell({ kind: "closed" });
    });
    begin?.();
    if (taken) tell({ kind: "placed" });
  });
  return () => ended.abort();
}

// Resolves once the element is laid out: a view is made before it is in the page, and stays out of it
// while its cell is scrolled out of sight.
function inPage(el, signal) {
  return new Promise((resolve) => {
    const watch = new ResizeObserver(() => {
      if (!el.isConnected || !el.clientHeight) return;
      watch.disconnect();
      resolve();
    });
    watch.observe(el);
    signal.addEventListener("abort", () => watch.disconnect());
  });
}
