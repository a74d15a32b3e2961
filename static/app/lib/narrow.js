/** Whether the screen is that of a phone, for what has to be put together differently there; styles cover the rest. */
import { signal } from './view.js';

const query = globalThis.matchMedia?.('(width < 44rem)');

export const narrow = signal(query?.matches ?? false);

query?.addEventListener('change', ({ matches }) => {
  narrow.value = matches;
});
