/** A trace as rows: what was done beneath what caused it, in the order of time. */

/**
 * @typedef {{id: string, parentId: string|null, layer: string, name: string, startUs: number, durationUs: number,
 *   ownUs: number, failed: boolean, fields: object}} Span as the server tells it, in the order of time
 */

/**
 * Each span beneath its parent. What was caused by something outside, or by what is not kept, stands at the top.
 * @param {Span[]} spans
 * @returns {{totalUs: number, rows: object[]}} rows as bars are drawn, each with the `span` it is of
 */
export function traceRows(spans) {
  const known = new Set(spans.map(({ id }) => id));
  const beneath = new Map();
  for (const span of spans) {
    const parent = known.has(span.parentId) && span.parentId !== span.id ? span.parentId : null;
    beneath.set(parent, [...(beneath.get(parent) ?? []), span]);
  }
  const rows = [];
  const add = (span, depth) => {
    const { id, name, layer, startUs, durationUs, ownUs, failed } = span;
    rows.push({ name, layer, startUs, durationUs, selfUs: ownUs, failed, depth, span });
    for (const part of beneath.get(id) ?? []) add(part, depth + 1);
  };
  for (const span of beneath.get(null) ?? []) add(span, 0);
  return { rows, totalUs: Math.max(0, ...spans.map(({ startUs, durationUs }) => startUs + durationUs)) };
}

/** How long each layer worked itself, the longest first: `[layer, microseconds]`. */
export function layerTimes(spans) {
  const times = new Map();
  for (const { layer, ownUs } of spans) times.set(layer, (times.get(layer) ?? 0) + ownUs);
  return [...times].sort(([, one], [, other]) => other - one);
}
