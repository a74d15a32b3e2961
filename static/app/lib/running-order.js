/** The order in which things stand on a list: their positions, and what moving one changes. */

/** The position for one more, so that it comes last: 0 as long as nobody has put the others in order. */
export function nextPosition(items) {
  const highest = Math.max(0, ...items.map(({ position }) => position));
  return highest === 0 ? 0 : highest + 1;
}

/** The items with the one at `from` moved by `step` places, held within the list. */
export function moved(items, from, step) {
  const to = Math.min(items.length - 1, Math.max(0, from + step));
  const rest = items.filter((_, index) => index !== from);
  return [...rest.slice(0, to), items[from], ...rest.slice(to)];
}

/**
 * The items whose position must change for the list to stand as given.
 * @template {{position: number}} T
 * @param {T[]} items in their new order
 * @returns {[T, number][]} each with its new position, from 1 on
 */
export function repositioned(items) {
  return items.map((item, index) => [item, index + 1]).filter(([item, position]) => item.position !== position);
}
