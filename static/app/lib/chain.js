/** The chain of a correlation ID as a tree: what was done in each request, and the jobs and deliveries that came of it. */
import { lookAgainMs } from './delivery-words.js';
import { isOver as isJobOver } from './job-words.js';

/**
 * @typedef {{requestId: string, at: string, item: object|null, changes: object[], beneath: Node[]}} Node a request, or a job
 * or delivery, which work under a request ID of their own: then `item` is what the chain tells of it
 */

/**
 * Puts what belongs to a chain beneath what caused it.
 * @param {{kind: string, at: string, requestId: string, causedBy: string|null}[]} items as the server lists them
 * @returns {Node[]} what was caused by nothing that is known, in the order in which it began; as is what lies beneath each
 */
export function treeOf(items) {
  const nodes = new Map();
  const parents = new Map();
  const nodeOf = (requestId, at) => {
    const known = nodes.get(requestId);
    if (known) return known;
    const node = { requestId, at, item: null, changes: [], beneath: [] };
    nodes.set(requestId, node);
    return node;
  };
  const isBeneath = (requestId, above) => {
    for (let next = requestId; next; next = parents.get(next)) if (next === above) return true;
    return false;
  };
  for (const item of items) {
    const node = nodeOf(item.requestId, item.at);
    if (item.kind === 'change') node.changes.push(item);
    else node.item = item;
    // Callers choose their request IDs, so they may name things in a circle.
    if (item.causedBy && !parents.has(item.requestId) && !isBeneath(item.causedBy, item.requestId)) {
      nodeOf(item.causedBy, item.at);
      parents.set(item.requestId, item.causedBy);
    }
  }
  const roots = [];
  for (const node of nodes.values()) {
    (nodes.get(parents.get(node.requestId))?.beneath ?? roots).push(node);
  }
  const inOrder = (some) => {
    some.sort((one, other) => Date.parse(one.at) - Date.parse(other.at));
    for (const { beneath } of some) inOrder(beneath);
  };
  inOrder(roots);
  return roots;
}

/**
 * How long until a chain is worth another look.
 * @param {object[]} items as the server lists them
 * @returns {number|null} milliseconds; null if all of it is over
 */
export function lookAgainAtChainMs(items) {
  const jobs = items.map(({ job }) => job).filter(Boolean);
  const deliveries = items.map(({ delivery }) => delivery).filter(Boolean);
  return jobs.some((job) => !isJobOver(job)) ? 3_000 : lookAgainMs(deliveries);
}
