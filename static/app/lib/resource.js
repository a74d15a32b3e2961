/** Hooks that keep what the server holds in a component's state. */
import { useCallback, useEffect, useRef, useState } from './view.js';
import { get, getAll } from './api.js';
import { connection, listen } from './live.js';
import { session } from './session.js';

/** How long changes are gathered before something is loaded again, and by how much devices differ in it. */
const gatheringMs = 150;
const spreadMs = 250;

/**
 * Loads something and keeps it: again when `key` changes, on `reload()`, when somebody signs in again, when the page
 * is looked at again or the network is back, when a change comes that concerns it, and, as long as changes do not come by
 * themselves, every `refreshMs` while visible.
 * @template T
 * @param {string|null} key what is loaded; null loads nothing
 * @param {(signal: AbortSignal) => Promise<T>} load
 * @param {{refreshMs?: number, still?: boolean, on?: (change: object) => boolean, held?: () => boolean}} options `still`:
 * only reloaded when asked, or when a change comes; `on`: whether a change concerns it; `held`: whether changes are to
 * leave it as it is for now
 * @returns {{data: T|undefined, error: Error|null, loading: boolean, reload: () => void}}
 */
function useLoaded(key, load, { refreshMs, still = false, on = null, held = () => false } = {}) {
  const [state, setState] = useState({ key: null, data: undefined, error: null });
  const [round, setRound] = useState(0);
  const reload = useCallback(() => setRound((n) => n + 1), []);
  const [underWay, outdated, concerned, kept] = [useRef(false), useRef(false), useRef(on), useRef(held)];
  [concerned.current, kept.current] = [on, held];

  useEffect(() => {
    if (key === null) return undefined;
    const abort = new AbortController();
    underWay.current = true;
    load(abort.signal).then(
      (data) => abort.signal.aborted || setState({ key, data, error: null }),
      // What was shown stays on the screen while a refresh fails.
      (error) => abort.signal.aborted || setState((old) => ({ ...(old.key === key ? old : {}), key, error })),
    ).finally(() => {
      if (abort.signal.aborted) return;
      underWay.current = false;
      if (outdated.current && !kept.current()) reload();
      outdated.current = false;
    });
    return () => abort.abort();
  }, [key, round, session.value]);

  useEffect(() => {
    if (!on || key === null) return undefined;
    let timer = null;
    // What is under way comes to its end first: changes that never pause would keep anything from being shown.
    const refresh = () => {
      timer = null;
      if (underWay.current) outdated.current = true;
      else if (!kept.current()) reload();
    };
    const end = listen((change) => {
      if (change.type !== 'reset' && !concerned.current(change)) return;
      timer ??= setTimeout(refresh, gatheringMs + Math.random() * spreadMs);
    });
    return () => {
      clearTimeout(timer);
      end();
    };
  }, [Boolean(on), key]);

  useEffect(() => {
    if (still) return undefined;
    const refresh = () => document.hidden || reload();
    const poll = () => {
      if (!on || connection.value !== 'live') refresh();
    };
    const timer = refreshMs && setInterval(poll, refreshMs);
    document.addEventListener('visibilitychange', refresh);
    addEventListener('online', refresh);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', refresh);
      removeEventListener('online', refresh);
    };
  }, [refreshMs, still, Boolean(on)]);

  const current = state.key === key;
  const data = current ? state.data : undefined;
  const error = current ? state.error : null;
  return { data, error, loading: key !== null && data === undefined && !error, reload };
}

/** One resource by its path; null loads nothing. */
export function useResource(path, options) {
  return useLoaded(path, (signal) => get(path, { signal }), options);
}

/** A whole list by its path, every page of it. */
export function useList(path, options) {
  return useLoaded(path, (signal) => getAll(path, { signal }), options);
}

/**
 * Several whole lists together, in the order of their paths.
 * @param {string[]|null} paths null loads nothing
 */
export function useLists(paths, options) {
  return useLoaded(paths && `lists ${paths.join(' ')}`, (signal) => Promise.all(
    paths.map((path) => getAll(path, { signal })),
  ), options);
}

/**
 * A list that grows page by page, newest first.
 * @param {string} path of the list
 * @param {{on?: (change: object) => boolean, limit?: number}} options as of {@link useResource}; a list that has grown stays
 * as it is. `limit`: most items of a page
 */
export function usePages(path, { on, limit = 50 } = {}) {
  const [more, setMore] = useState({ path, items: [], cursor: undefined, error: null });
  const [growing, newest] = [useRef(false), useRef(null)];
  const hasGrown = () => more.path === path && more.items.length > 0;
  const pageAt = (query) => `${path}${path.includes('?') ? '&' : '?'}${new URLSearchParams(query)}`;
  const first = useResource(pageAt({ limit }), { still: true, on, held: () => growing.current || hasGrown() });
  newest.current = { path, first: first.data };
  const added = more.path === path && more.of === first.data ? more : { items: [], cursor: undefined };
  const cursor = added.cursor === undefined ? first.data?.nextCursor : added.cursor;
  const grow = async (of, items, after) => {
    try {
      const page = await get(pageAt({ limit, cursor: after }));
      const now = newest.current;
      // The first page has come anew meanwhile: what follows it may be something else.
      if (now.path === path && now.first && now.first !== of) {
        if (now.first.nextCursor) await grow(now.first, [], now.first.nextCursor);
        return;
      }
      setMore({ path, of, items: [...items, ...page.items], cursor: page.nextCursor });
    } catch (error) {
      setMore({ path, of, items, cursor: after, error });
    }
  };
  const loadMore = async () => {
    growing.current = true;
    await grow(first.data, added.items, cursor);
    growing.current = false;
  };
  return {
    ...first,
    first: first.data,
    data: first.data && [...first.data.items, ...added.items],
    error: first.error ?? added.error ?? null,
    loadMore: cursor ? loadMore : null,
  };
}
