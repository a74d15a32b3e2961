/** What the address of the Log page asks for, and how the server is asked for it. */

const minute = 60_000;

/** The stretches of time that can be chosen, each ending now; `all` has no beginning. */
export const stretches = [
  { value: '15m', label: 'Last 15 minutes', ms: 15 * minute },
  { value: '1h', label: 'Last hour', ms: 60 * minute },
  { value: '24h', label: 'Last 24 hours', ms: 24 * 60 * minute },
  { value: '7d', label: 'Last 7 days', ms: 7 * 24 * 60 * minute },
  { value: 'all', label: 'All that is kept', ms: null },
];
const usualStretch = '24h';

/** The parameters that mean to the server what they mean to the page. */
const shared = ['level', 'kind', 'module', 'status', 'minDurationMs', 'userId', 'route', 'tenantId'];

/** A single word that may be an ID. */
const idForm = /^[A-Za-z0-9._-]{8,}$/;

/** A `traceparent` header, of which the second part is the ID of the trace. */
const traceparent = /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$/;

/**
 * What was typed or pasted, as it is searched for: without space around it, and of a `traceparent` the trace.
 * @param {string} text
 */
export function searchedFor(text) {
  const trimmed = text.trim();
  return traceparent.exec(trimmed)?.[1] ?? trimmed;
}

/** Whether a text is searched for as an ID before it is searched for as text. */
export const mayBeId = (text) => idForm.test(text);

/** The address of the Log page with what belongs to an ID, however old that is. */
export const logPathOf = (id) => `/logs?${new URLSearchParams({ search: id, last: 'all' })}`;

/** The address of the Log page with a request as a whole before its lines. */
export const requestPathOf = (id) => `${logPathOf(id)}&${new URLSearchParams({ request: id })}`;

/** Which stretch an address means: one of {@link stretches}, or `custom`. */
export function stretchOf(query) {
  const named = stretches.find(({ value }) => value === query.get('last'));
  if (named) return named.value;
  return query.has('from') || query.has('until') ? 'custom' : usualStretch;
}

/**
 * The time that an address means.
 * @param {URLSearchParams} query
 * @param {number} now in milliseconds
 * @returns {{from: number|null, until: number|null}} in milliseconds; null is without end
 */
export function windowOf(query, now) {
  const stretch = stretchOf(query);
  if (stretch !== 'custom') {
    const { ms } = stretches.find(({ value }) => value === stretch);
    return { from: ms === null ? null : now - ms, until: null };
  }
  const instant = (name) => {
    const parsed = Date.parse(query.get(name) ?? '');
    return Number.isNaN(parsed) ? null : parsed;
  };
  return { from: instant('from'), until: instant('until') };
}

/**
 * The address with some of what it says changed.
 * @param {URLSearchParams} query
 * @param {Record<string, string|null>} changes an empty value takes its parameter away
 */
export function changed(query, changes) {
  const next = new URLSearchParams(query);
  for (const [name, value] of Object.entries(changes)) {
    if (value) next.set(name, value);
    else next.delete(name);
  }
  return `/logs${next.size > 0 ? `?${next}` : ''}`;
}

/**
 * Which lines are meant, as the server is asked.
 * @param {URLSearchParams} query of the page's address
 * @param {'id'|'q'} as what the searched text is taken for
 * @returns {Record<string, string>}
 */
export function filtersOf(query, as) {
  const filters = Object.fromEntries(shared.filter((name) => query.get(name)).map((name) => [name, query.get(name)]));
  const text = searchedFor(query.get('search') ?? '');
  return text ? { ...filters, [as]: text } : filters;
}

/** Whether an address asks for anything but a time. */
export const isNarrowed = (query) => Boolean(query.get('search')) || shared.some((name) => query.get(name));

/**
 * What a search depends on: an address that differs in the rest shows the same lines.
 * @param {URLSearchParams} query
 */
export function searchKey(query) {
  const names = ['search', 'last', 'from', 'until', ...shared];
  return JSON.stringify(names.map((name) => query.get(name) ?? ''));
}
