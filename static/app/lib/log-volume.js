/** How many lines there were, as bars over time. */

const minute = 60_000;
const day = 1_440;

/** The lengths that a bar can have, in minutes. */
const steps = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, day, 2 * day, 7 * day, 14 * day, 31 * day];

/** The levels in a bar, from the ground up: what is worst stands on the ground, where it is seen best. */
export const stacked = ['error', 'warn', 'info', 'debug', 'trace'];

/** How far back one looks for the first line of the log, in days. */
const keptDays = 400;

/**
 * What to ask for so that there are not too many bars.
 * @param {{from: number|null, until: number|null}} window in milliseconds
 * @param {number} now in milliseconds
 * @param {number} most bars
 * @returns {{from: number, until: number, minutes: number}} in milliseconds; whole bars, those of days by this device's days
 */
export function volumeSpan({ from, until }, now, most) {
  const end = Math.max(until ?? now, (from ?? 0) + minute);
  const start = from ?? end - keptDays * day * minute;
  const minutes = steps.find((step) => (end - start) / (step * minute) <= most) ?? steps.at(-1);
  const length = minutes * minute;
  const shift = new Date(start).getTimezoneOffset() * minute;
  const first = Math.floor((start - shift) / length) * length + shift;
  return { from: first, until: first + Math.ceil((end - first) / length) * length, minutes };
}

/**
 * The bars of a span, with those that have no lines.
 * @param {{from: number, until: number, minutes: number}} span
 * @param {{from: string}[]} items as the server counts them
 * @returns {{from: number, until: number, counts: number[], total: number}[]} counts in the order of {@link stacked}
 */
export function barsOf({ from, until, minutes }, items) {
  const length = minutes * minute;
  const known = new Map(items.map((item) => [Math.floor((Date.parse(item.from) - from) / length), item]));
  return Array.from({ length: Math.max(1, Math.round((until - from) / length)) }, (_, index) => {
    const item = known.get(index);
    const counts = stacked.map((level) => item?.[level] ?? 0);
    const begins = from + index * length;
    return { from: begins, until: begins + length, counts, total: counts.reduce((sum, count) => sum + count, 0) };
  });
}

/** The least height of a part that is not empty, so that a single error among thousands of lines is seen. */
const least = 0.03;

/**
 * The parts of a bar, from the ground up.
 * @param {{counts: number[]}} bar
 * @param {number} highest total of all bars
 * @returns {{level: string, from: number, height: number}[]} as shares of the whole height; none is empty
 */
export function partsOf({ counts }, highest) {
  const heights = counts.map((count) => (count === 0 ? 0 : Math.max(least, count / Math.max(1, highest))));
  const sum = heights.reduce((all, height) => all + height, 0);
  const fit = sum > 1 ? 1 / sum : 1;
  let from = 0;
  return heights.flatMap((height, index) => {
    if (height === 0) return [];
    const part = { level: stacked[index], from, height: height * fit };
    from += part.height;
    return [part];
  });
}

/** How many lines of each level all bars have, in the order of {@link stacked}. */
export const totalsOf = (bars) => stacked.map((_, index) => bars.reduce((sum, { counts }) => sum + counts[index], 0));
