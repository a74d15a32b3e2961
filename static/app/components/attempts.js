/** The attempts of a delivery, each with what came of it and the ids under which others know it. */
import { html } from '../lib/view.js';
import { outcomeOf, spanOf } from '../lib/delivery-words.js';
import { count, formatAhead, formatPrecise, sentence } from '../lib/format.js';
import { Badge } from './badge.js';
import { RequestId } from './request-id.js';

/** @param {{delivery: object}} props */
export function Attempts({ delivery: { attempts, attemptsMade } }) {
  const uncounted = attemptsMade - attempts.length;
  return html`
    ${uncounted > 0 && html`<p class="muted">${count(uncounted, 'earlier attempt')} were counted and not kept.</p>`}
    <ol class="attempts" start=${uncounted + 1}>${attempts.map((attempt, index) => html`
      <${Attempt} key=${attempt.requestId} attempt=${attempt} number=${uncounted + index + 1} />`)}</ol>`;
}

function Attempt({ attempt, number }) {
  const { at, requestId, outcome, tookMs, status, detail, via } = attempt;
  const { text, tone, icon } = outcomeOf(attempt);
  return html`
    <li>
      <p class="attempt-head"><span class="muted">Attempt ${number}</span>
        <${Badge} tone=${tone} icon=${icon}>${text}<//>${status !== null && html` <strong>${status}</strong>`}
        ${tookMs !== null && html` <span>in ${spanOf(tookMs)}</span>`}
        <time class="muted" datetime=${at}>${formatPrecise(at)}</time></p>
      ${detail && html`<p class="said">${outcome === 'arrived' ? `It said: ${detail}` : sentence(detail)}</p>`}
      <dl class="facts-list inline">
        ${attempt.class && attempt.class !== 'ok' && html`
          <div><dt>Kind of failure</dt><dd><code>${attempt.class}</code></dd></div>`}
        ${via && html`<div><dt>Via</dt><dd><code>${via}</code></dd></div>`}
        <div><dt>Request</dt><dd><${RequestId} id=${requestId} /></dd></div>
      </dl>
    </li>`;
}

/** When a delivery is tried next; nothing if it is not. */
export function NextAttempt({ delivery: { state, parked, parkedForMs, dueAt, attemptsMade } }) {
  if (state !== 'waiting' || !dueAt) return null;
  if (parked) {
    const until = parkedForMs === null ? 'until it does' : `for ${spanOf(parkedForMs)}`;
    return html`<p>Its circuit lets nothing pass, so nothing is tried ${until}. That costs no attempt.</p>`;
  }
  const when = `${formatAhead(dueAt)} (${formatPrecise(dueAt)})`;
  return html`<p>It is tried ${attemptsMade > 0 ? 'again ' : ''}${when}.</p>`;
}
