/** Whether the server can write. It says so with every answer, so that no page has to ask for it. */
import { signal } from './view.js';

/** Why nothing can be changed at the moment, as a word of the server; null when all is well. */
export const storeTrouble = signal(null);

const health = new URL('../../health/ready', import.meta.url).pathname;

/** @param {Response} response any answer of the server */
export function noteStoreState(response) {
  const state = response.headers.get('x-store-state') ?? '';
  storeTrouble.value = /^read-only; reason=(\w+)$/.exec(state)?.[1] ?? null;
}

/** Asks a server of which nothing was heard for a while. One that cannot be reached is another matter. */
export async function askStoreState() {
  try {
    noteStoreState(await fetch(health, { cache: 'no-store', signal: AbortSignal.timeout(5_000) }));
  } catch {
    // The next answer tells.
  }
}
