// A new cell below the one that the builder stands in. Only a notebook's page can add one; elsewhere the
// code goes to the clipboard.

export function insertBelow(model, cell, source) {
  const shared = model.widget_manager?.context?.model?.sharedModel;
  if (!shared?.insertCell) return false;
  const at = shared.cells.findIndex((each) => each.getId?.() === cell || each.id === cell);
  shared.insertCell(at < 0 ? shared.cells.length : at + 1, { cell_type: "code", source, metadata: {}, outputs: [] });
  return true;
}
