/** How far a delivery is, and whether it may have arrived more than once. */
import { html } from '../lib/view.js';
import { ambiguity, doubtOf, stateOf } from '../lib/delivery-words.js';
import { Badge } from './badge.js';

/** @param {{delivery: object}} props */
export function DeliveryBadges({ delivery }) {
  const { text, tone, icon } = stateOf(delivery);
  return html`<span class="badges"><${Badge} tone=${tone} icon=${icon}>${text}<//>
    ${delivery.ambiguous && html`<${Badge} tone="warning" icon="circle-question-mark" title=${ambiguity}>
      ${doubtOf(delivery)}<//>`}
    ${delivery.replayedBy && html`<${Badge} icon="rotate-ccw">Sent once more<//>`}</span>`;
}
