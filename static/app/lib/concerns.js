/** Which changes concern what a page shows. */

/** What accounts, tokens, tenants, circuit breakers and whatever is told outside are is shown nowhere among events. */
const elsewhere = new Set(['user', 'token', 'tenant', 'breaker', 'webhook', 'action', 'delivery', 'wording']);

/**
 * Makes a test for changes: whether one may be of what is shown. A change that leaves open where it is, as a deletion does,
 * may be of anything.
 * @param {{eventId?: string, contestId?: string, categoryId?: string}} place of what is shown
 * @returns {(change: object) => boolean}
 */
export function concerns(place) {
  const levels = ['eventId', 'contestId', 'categoryId'];
  return (change) => !elsewhere.has(change.type)
    && levels.every((level) => !place[level] || !change[level] || place[level] === change[level]);
}

/** Whether a change moves something into the trash or out of it, or destroys what is there. */
export const turnsTrash = ({ action }) => /\.(deleted|restored|purged)$/.test(action);

/** Whether a change begins a job or stops one. */
export const turnsJobs = ({ type }) => type === 'job';

/** Whether a change is of a delivery: it was stopped, sent once more or given up. That one arrives is no change. */
export const turnsDeliveries = ({ type }) => type === 'delivery';
