// What is found, and where a module is drawn that has no box of its own.

// Boxes and frames with each of the words in what stands there; a module drawn within another is found there.
export function matches(words, picture, rows, at) {
  const each = words.split(/\s+/);
  const has = (...texts) => {
    const text = texts.join("\n").toLowerCase();
    return each.every((word) => text.includes(word));
  };
  const found = new Map();
  for (const part of picture.parts.values())
    if (has(part.path, part.type, part.label)) found.set(part.key, { part, path: part.path });
  rows.forEach(([path, , type], i) => {
    const part = path && !found.has(at[i]) && picture.parts.get(at[i]);
    if (part && has(path, type)) found.set(part.key, { part, path });
  });
  const [along, across] = picture.direction === "right" ? [0, 1] : [1, 0];
  const from = ({ part: a }, { part: b }) => a.box[along] - b.box[along] || a.box[across] - b.box[across];
  return [...found.values()].sort(from);
}

// Where a module is drawn that has no box of its own.
export function stands(path, part) {
  if (part.path === path) return part.label;
  const inside = part.count > 1 || path.startsWith(`${part.path}.`);
  return inside ? `${path} is drawn in ${part.label}` : `${path} is like ${part.path}, which is drawn for it`;
}
