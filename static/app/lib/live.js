/**
 * Changes as they come: one event stream for all that the page shows. Whoever listens is told of every change that the
 * signed-in user may read, and of a `reset` when something may have been missed. Where there is no stream, pages ask now
 * and then instead.
 */
import { signal } from './view.js';
import { addressOf } from './api.js';
import { ended, holderOf, session } from './session.js';

/**
 * How news come: `off` (nobody listens), `live`, `reconnecting` (the server is away, and the browser tries again), or
 * `polling` (the server gives no stream, because too many follow or the session has ended).
 */
export const connection = signal('off');

/** How long until a stream that was refused is tried again, in milliseconds. */
const refusedMs = 15_000;
/** How long a stream stays open that nobody listens to: from one page to the next. */
const idleMs = 5_000;

const listeners = new Set();
let source = null;
let timer = null;
/** The id of the last event, to go on from. */
let last = null;
let follower = null;

/**
 * Listens to changes.
 * @param {(change: {type: string, action?: string}) => void} listener is told of changes as the server sends them, and of
 * `{type: 'reset'}`
 * @returns {() => void} ends it
 */
export function listen(listener) {
  listeners.add(listener);
  update();
  return () => {
    listeners.delete(listener);
    update();
  };
}

function tell(change) {
  for (const listener of [...listeners]) listener(change);
}

/** Opens or closes the stream, as things are now. A page that nobody looks at leaves its connection to others. */
function update() {
  clearTimeout(timer);
  const may = session.value && !ended.value && !document.hidden;
  if (!may) close();
  else if (listeners.size > 0 && !source) open();
  else if (listeners.size === 0) timer = setTimeout(close, idleMs);
}

function close() {
  source?.close();
  source = null;
  connection.value = 'off';
}

function open() {
  const stream = new EventSource(addressOf(last === null ? '/stream' : `/stream?after=${last}`));
  source = stream;
  // Without a place to go on from, whatever is shown may be from before the stream began.
  let behind = last === null;
  stream.onopen = () => {
    connection.value = 'live';
    if (behind) tell({ type: 'reset' });
    behind = false;
  };
  stream.addEventListener('change', ({ data, lastEventId }) => {
    last = lastEventId;
    tell(JSON.parse(data));
  });
  stream.addEventListener('reset', ({ lastEventId }) => {
    last = lastEventId;
    tell({ type: 'reset' });
  });
  stream.onerror = () => {
    if (stream !== source) return;
    if (stream.readyState !== EventSource.CLOSED) {
      connection.value = 'reconnecting';
      return;
    }
    source = null;
    connection.value = 'polling';
    clearTimeout(timer);
    timer = setTimeout(update, refusedMs);
  };
}

session.subscribe((value) => {
  const now = value ? `${value.tenant.id} ${holderOf(value)}` : null;
  if (now !== follower) {
    follower = now;
    last = null;
    close();
  }
  update();
});
ended.subscribe(update);
document.addEventListener('visibilitychange', update);
addEventListener('online', () => {
  if (connection.value === 'polling') update();
});
