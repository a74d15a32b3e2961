/** Says why nothing can be changed here, instead of buttons that would be refused. */
import { html } from '../lib/view.js';
import { Notice } from './notice.js';

/** @param {{by: {kind: string, name: string, state: string, itself: boolean}|null}} props as `freezer` tells it */
export function FrozenNotice({ by }) {
  if (!by) return null;
  const { kind, name, state, itself } = by;
  return html`
    <${Notice} tone="warning" title=${itself ? `This ${kind} is ${state}` : `The ${kind} “${name}” is ${state}`}>
      <p>Nothing in it can change, and no sheet can be submitted. ${itself
        ? `Whoever manages it can ${state === 'locked' ? 'have it unlocked' : 'unarchive it under “More”'}.`
        : `It has to be ${state === 'locked' ? 'unlocked' : 'unarchived'} first.`}</p><//>`;
}
