/** Hash routes, so that the one page works under any path of any server. */
import { computed, signal } from './view.js';
// Before the address is read for the first time: what it holds of a judge's link is no path.
import './judge-link.js';

const home = document.documentElement.dataset.home;

function read() {
  const [path, query = ''] = location.hash.slice(1).split('?');
  return { path: path || home, query: new URLSearchParams(query) };
}

/** Where the browser is: `{path, query}`. */
export const place = signal(read());

addEventListener('hashchange', () => {
  place.value = read();
});

export const path = computed(() => place.value.path);

/** Goes to a path such as `/events`; `replace` leaves no step back. */
export function go(to, { replace = false } = {}) {
  if (replace) {
    history.replaceState(null, '', `#${to}`);
    place.value = read();
  } else {
    location.hash = to;
  }
}

/**
 * Compares a path with a pattern.
 * @param {string} pattern such as `/events/:id`
 * @param {string} actual the path
 * @returns {Record<string, string>|null} the parameters, or null when it does not fit
 */
export function match(pattern, actual) {
  const wanted = pattern.split('/');
  const given = actual.split('/');
  if (wanted.length !== given.length) return null;
  const params = {};
  for (const [index, part] of wanted.entries()) {
    if (part.startsWith(':')) params[part.slice(1)] = decodeURIComponent(given[index]);
    else if (part !== given[index]) return null;
  }
  return params;
}
