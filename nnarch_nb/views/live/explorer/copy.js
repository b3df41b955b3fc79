// Put text on the clipboard; true if that worked. The page may not be allowed to.

export async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
