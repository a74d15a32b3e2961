/** The steps of a request in the order of time: when each began, how long it took, and how much of that was its own. */

/**
 * @typedef {{name: string, startUs: number, durationUs: number, selfUs: number, depth: number}} Row times are in
 * microseconds from the beginning of the request; `selfUs`: without what took place within the steps beneath
 */

/** How long intervals last together, where each counts once that overlaps with others. */
function covered(intervals) {
  let [sum, reached] = [0, -Infinity];
  for (const [from, to] of [...intervals].sort(([a], [b]) => a - b)) {
    sum += Math.max(0, to - Math.max(from, reached));
    reached = Math.max(reached, to);
  }
  return sum;
}

/**
 * Puts the steps of a request beneath one another: a step lies beneath the last one that holds it.
 * @param {{durationUs?: number, spans?: [string, number, number][]}} fields of the request's record
 * @param {string} name of the whole request
 * @returns {{totalUs: number, rows: Row[]}} the whole request first
 */
export function waterfallOf({ durationUs = 0, spans = [] }, name) {
  const steps = spans.map(([step, startUs, took]) => ({ name: step, startUs, durationUs: took, endUs: startUs + took }));
  // Rounded to microseconds, a step can end just behind the whole.
  const totalUs = Math.max(durationUs, ...steps.map(({ endUs }) => endUs));
  const root = { name, startUs: 0, durationUs: totalUs, endUs: totalUs };
  // Spans are told in the order in which they ended.
  steps.sort((one, other) => one.startUs - other.startUs || other.endUs - one.endUs);
  const above = [];
  const within = new Map();
  const rows = [root, ...steps].map((step) => {
    while (above.length > 1 && above.at(-1).endUs < step.endUs) above.pop();
    const parent = above.at(-1);
    if (parent) within.set(parent, [...(within.get(parent) ?? []), [step.startUs, step.endUs]]);
    const depth = above.length;
    above.push(step);
    return { step, depth };
  });
  return {
    totalUs,
    rows: rows.map(({ step, depth }) => ({
      name: step.name, startUs: step.startUs, durationUs: step.durationUs, depth,
      selfUs: Math.max(0, step.durationUs - covered(within.get(step) ?? [])),
    })),
  };
}
