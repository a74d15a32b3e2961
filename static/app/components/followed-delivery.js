/** A delivery that somebody waits for, followed until it has ended. */
import { html } from '../lib/view.js';
import { isOver, stateOf } from '../lib/delivery-words.js';
import { useResource } from '../lib/resource.js';
import { useRefreshing } from '../lib/use-refreshing.js';
import { Attempts, NextAttempt } from './attempts.js';
import { Badge } from './badge.js';
import { Loaded } from './notice.js';

/** How often it is looked at: often as long as an attempt is under way, in milliseconds. */
const [underWayMs, waitingMs] = [400, 2_000];

/** @param {{id: string, arrived: string}} props `arrived`: what it means that it has */
export function FollowedDelivery({ id, arrived }) {
  const state = useResource(`/deliveries/${id}`, { still: true });
  const delivery = state.data;
  const over = Boolean(delivery) && isOver(delivery);
  const ms = delivery?.state === 'waiting' && delivery.attemptsMade > 0 ? waitingMs : underWayMs;
  useRefreshing(state, over ? null : ms);
  return html`<${Loaded} state=${state}>${(now) => {
    const { text, tone, icon } = stateOf(now);
    return html`
      <p><${Badge} tone=${tone} icon=${icon}>${text}<//></p>
      ${now.state === 'done' && html`<p>${arrived}</p>`}
      ${now.state === 'dead' && html`<p>It failed, and is not tried again.</p>`}
      <${NextAttempt} delivery=${now} />
      <${Attempts} delivery=${now} />`;
  }}<//>`;
}
