/** Why a judge's link did not open, in plain words, and whom to ask. */
import { html } from '../lib/view.js';
import { Notice, Problem } from './notice.js';

const refusals = {
  unauthenticated: {
    title: 'That did not match',
    text: 'Check the six digits on your invitation. After five wrong PINs the link is blocked. If you have an older '
      + 'invitation as well, scan the code of the newer one.',
  },
  link_in_use: {
    title: 'Your link is in use on another device',
    text: 'Sign out there, or ask the tally desk to release it; then try again here. Every sheet that you submitted is '
      + 'safe. Marks that you typed there but did not submit stay on that device.',
  },
  link_blocked: {
    title: 'Your link is blocked',
    text: 'The PIN was wrong too often. Ask the tally desk to release your link or to give you a new PIN.',
  },
  link_ended: {
    title: 'Your link has ended',
    text: 'It has expired or was withdrawn. Ask an organiser for a new invitation.',
  },
};

/** @param {{error: Error|null}} props */
export function LinkRefusal({ error }) {
  const refusal = error && refusals[error.code];
  if (!refusal) return html`<${Problem} error=${error} />`;
  return html`<${Notice} tone="danger" role="alert" title=${refusal.title}><p>${refusal.text}</p><//>`;
}
