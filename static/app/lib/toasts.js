/** Short messages about what has just happened. */
import { signal } from './view.js';

/** @type {import('../../vendor/signals/signals.js').Signal<{id: number, text: string, requestId?: string}[]>} */
export const toasts = signal([]);

/** As many as fit beside the page without hiding it. */
const most = 2;

let last = 0;

/**
 * Shows a message for a while.
 * @param {string} text
 * @param {{action?: {label: string, run: () => void}}} options an action, such as to undo
 */
export function toast(text, { action } = {}) {
  add({ text, action }, action ? 12_000 : 6_000);
}

/** Shows what went wrong for a while, with the ID under which the server logged it. */
export function toastError({ message, requestId }) {
  add({ text: message, requestId }, 12_000);
}

function add(item, ms) {
  last += 1;
  const id = last;
  toasts.value = [...toasts.value.slice(1 - most), { id, ...item }];
  setTimeout(() => dismiss(id), ms);
}

export function dismiss(id) {
  toasts.value = toasts.value.filter((item) => item.id !== id);
}
