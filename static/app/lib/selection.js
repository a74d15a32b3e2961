/** Choosing several of a list: one by one, a stretch of them, all. Plain sets of keys. */

/** The keys from one to another, in whichever order they stand; only the second if the first is gone. */
export function stretch(keys, from, to) {
  const start = keys.indexOf(from);
  const end = keys.indexOf(to);
  if (start < 0 || end < 0) return [to];
  return keys.slice(Math.min(start, end), Math.max(start, end) + 1);
}

/** The set with these keys chosen, or not. */
export function choose(chosen, keys, wanted) {
  const next = new Set(chosen);
  for (const key of keys) {
    if (wanted) next.add(key);
    else next.delete(key);
  }
  return next;
}
