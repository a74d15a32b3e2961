/** A hook that follows the log: lines as they are written, in a stream of their own while the page is looked at. */
import { useEffect, useRef, useState } from './view.js';
import { addressOf, get } from './api.js';
import { merged } from './log-found.js';

/** Most lines that are kept, and most that wait while the page is paused. */
export const linesMax = 1_000;
/** How long lines are gathered before they are shown, in milliseconds. */
const gatheringMs = 100;
/** How long until a stream that was refused is tried again, in milliseconds. */
const refusedMs = 15_000;

const quiet = { lines: [], waiting: [], state: 'off', gap: false };

/**
 * @param {string|null} filters a query that says which lines; null follows nothing
 * @param {number} since lines from then on belong to it, in milliseconds
 * @param {boolean} paused whether lines wait instead of being shown
 * @returns {{
 *   lines: import('./log-found.js').Line[], waiting: import('./log-found.js').Line[],
 *   state: 'off'|'opening'|'following'|'reconnecting'|'refused', gap: boolean,
 * }} the newest line first; `gap`: some may be missing, because there were too many while there was no stream
 */
export function useLogTail(filters, since, paused) {
  const [tail, setTail] = useState(quiet);
  const held = useRef(paused);
  held.current = paused;
  useEffect(() => {
    if (filters === null) return undefined;
    setTail({ ...quiet, state: 'opening' });
    const stop = follow(filters, since, {
      onLines: (lines) => setTail((now) => withLines(now, lines, held.current)),
      onState: (state) => setTail((now) => ({ ...now, state })),
      onGap: () => setTail((now) => ({ ...now, gap: true })),
    });
    return () => {
      stop();
      setTail(quiet);
    };
  }, [filters, since]);
  useEffect(() => {
    if (!paused) setTail((now) => (now.waiting.length > 0 ? withLines({ ...now, waiting: [] }, now.waiting, false) : now));
  }, [paused]);
  return tail;
}

function withLines(tail, lines, paused) {
  const kept = paused ? 'waiting' : 'lines';
  return { ...tail, [kept]: merged(lines, tail[kept], linesMax) };
}

/**
 * Follows until it is told to stop. What was written while there was no stream is asked for as soon as there is one again.
 * @param {{onLines: (lines: object[]) => void, onState: (state: string) => void, onGap: () => void}} tell
 * @returns {() => void} stops it
 */
function follow(filters, since, { onLines, onState, onGap }) {
  const abort = new AbortController();
  let [stream, retry, gathering, gathered, newest] = [null, null, null, [], since];
  const take = (lines) => {
    gathered.push(...lines);
    gathering ??= setTimeout(() => {
      gathering = null;
      onLines(gathered.splice(0));
    }, gatheringMs);
  };
  const note = ({ fields: { timestamp } }) => {
    newest = Math.max(newest, Date.parse(timestamp) || 0);
  };
  const catchUp = async () => {
    const query = new URLSearchParams(filters);
    query.set('from', new Date(newest).toISOString());
    query.set('limit', String(linesMax));
    try {
      const { items, nextCursor } = await get(`/logs?${query}`, { signal: abort.signal });
      items.forEach(note);
      take(items);
      if (nextCursor) onGap();
    } catch {
      if (!abort.signal.aborted) onGap();
    }
  };
  const close = () => {
    clearTimeout(retry);
    stream?.close();
    stream = null;
  };
  const open = () => {
    const own = new EventSource(addressOf(`/logs/tail?${filters}`));
    stream = own;
    own.onopen = () => {
      onState('following');
      catchUp();
    };
    own.addEventListener('line', ({ data }) => {
      const line = JSON.parse(data);
      note(line);
      take([line]);
    });
    own.onerror = () => {
      if (own !== stream) return;
      const refused = own.readyState === EventSource.CLOSED;
      onState(refused ? 'refused' : 'reconnecting');
      if (!refused) return;
      stream = null;
      retry = setTimeout(update, refusedMs);
    };
  };
  // A page that nobody looks at leaves its connection to others.
  const update = () => {
    if (document.hidden) close();
    else if (!stream) open();
  };
  update();
  document.addEventListener('visibilitychange', update);
  return () => {
    document.removeEventListener('visibilitychange', update);
    abort.abort();
    clearTimeout(gathering);
    close();
  };
}
