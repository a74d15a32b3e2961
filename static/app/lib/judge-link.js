/**
 * The link by which a judge without an account comes. Its secret leaves the address at once, so that neither the
 * history nor a glance at the address bar gives it away, and is only remembered as long as the page is open.
 */
import { signal } from './view.js';
import { post } from './api.js';
import { adopt } from './session.js';

/** The secret of a link that was opened and waits for its PIN; null if there is none. */
export const openedLink = signal(null);

/** The secret by which the session was begun, to go on with when it has ended. */
let usedLink = null;

/** Whether the link that was used is still known, so that its PIN is enough. */
export const knowsLink = () => usedLink !== null;

/** Moves the secret of a link out of the address. */
export function takeLink() {
  const [, secret] = /^#link=(.*)$/.exec(location.hash) ?? [];
  if (secret === undefined) return;
  history.replaceState(history.state, '', location.pathname + location.search);
  openedLink.value = secret;
}

/** Forgets the link that was opened; whoever is signed in stays so. */
export function leaveLink() {
  openedLink.value = null;
}

/** Signs in by the link that was opened, or by the one that was used before. */
export async function signInByLink(pin) {
  const link = openedLink.value ?? usedLink;
  const value = await post('/auth/judge-link', { link, pin }, { once: true });
  usedLink = link;
  openedLink.value = null;
  adopt(value);
}

takeLink();
addEventListener('hashchange', takeLink);
