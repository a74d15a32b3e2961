/** A hook that searches the log: part by part until there is a page of lines, nothing is left, or somebody stops it. */
import { useEffect, useRef, useState } from './view.js';
import { get } from './api.js';
import { isComplete, nothingYet, withPage } from './log-found.js';
import { filtersOf, searchKey, windowOf } from './log-query.js';

/** How many lines come at once. */
const pageSize = 100;

/**
 * @param {URLSearchParams} query of the page's address
 * @returns {{
 *   found: import('./log-found.js').Found|null, state: 'searching'|'waiting'|'failed', error: Error|null,
 *   more: () => void, stop: () => void, reload: () => void,
 * }} `waiting`: there is nothing under way; `more` goes on where the search stands
 */
export function useLogSearch(query) {
  const [search, setSearch] = useState({ found: null, state: 'searching', error: null });
  const [round, setRound] = useState(0);
  const running = useRef(null);
  const run = async (begun) => {
    running.current?.abort();
    const { signal } = running.current = new AbortController();
    const wanted = begun.lines.length + pageSize;
    let found = begun;
    try {
      do {
        setSearch({ found, state: 'searching', error: null });
        found = withPage(found, await get(`/logs?${partOf(query, found, wanted)}`, { signal }));
        if (signal.aborted) return;
      } while (!isComplete(found) && found.lines.length < wanted);
      setSearch({ found, state: 'waiting', error: null });
    } catch (error) {
      if (!signal.aborted) setSearch({ found, state: 'failed', error });
    }
  };
  useEffect(() => {
    const now = Date.now();
    run(nothingYet(query.get('search') ?? '', windowOf(query, now), now));
    return () => running.current?.abort();
  }, [searchKey(query), round]);
  const stop = () => {
    running.current?.abort();
    setSearch((now) => ({ ...now, state: 'waiting' }));
  };
  return { ...search, more: () => run(search.found), stop, reload: () => setRound((n) => n + 1) };
}

/** The question for the next part. */
function partOf(query, { as, cursor, lines, window: { from, until } }, wanted) {
  return new URLSearchParams({
    ...filtersOf(query, as),
    ...(from !== null && { from: new Date(from).toISOString() }),
    ...(until !== null && { until: new Date(until).toISOString() }),
    ...(cursor && { cursor }),
    limit: String(wanted - lines.length),
  });
}
