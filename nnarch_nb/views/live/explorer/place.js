// Where the explorer stands: in the place of the same picture in the same cell's output, if that is
// there, so that nothing is shown twice; else where the host put it.

export function place(root, el, alt) {
  const picture = twin(el, alt);
  if (!picture) {
    el.append(root);
    return { taken: false, leave: () => root.remove() };
  }
  const display = picture.style.display;
  picture.dataset.nnxTaken = "";
  picture.style.display = "none";
  picture.after(root);
  return {
    taken: true,
    leave: () => {
      root.remove();
      picture.style.display = display;
      delete picture.dataset.nnxTaken;
    },
  };
}

// The last such picture before the widget in its output area.
function twin(el, alt) {
  const area = el.closest(".jp-OutputArea");
  if (!area) return null;
  const same = [...area.querySelectorAll(".nn figure[role=img]:not([data-nnx-taken])")].filter(
    (figure) => figure.getAttribute("aria-label") === alt &&
      figure.compareDocumentPosition(el) & Node.DOCUMENT_POSITION_FOLLOWING);
  return same.at(-1) ?? null;
}

// Resolves once the element is laid out: a view is made before it is in the page, and stays out of it
// while its cell is scrolled out of sight.
export function inPage(el, signal) {
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
