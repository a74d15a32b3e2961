/** What charts over time have in common: pointing at a time, and what time it is. */
import { html } from '../lib/view.js';
import { logPathAt, timesOf } from '../lib/charts.js';
import { formatDateTime, formatPrecise } from '../lib/format.js';
import { go } from '../lib/router.js';
import { timeCursor } from '../lib/time-cursor.js';

const day = 86_400_000;
const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const clockExact = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });

/** When a step begins, as short as it is clear. */
function timeOf(points, index) {
  const { begins } = timesOf(points, index);
  const isToday = new Date(begins).toDateString() === new Date().toDateString();
  const fine = points.stepS < 60;
  if (!isToday) return fine ? formatPrecise(begins) : formatDateTime(begins);
  return (fine ? clockExact : clock).format(begins);
}

/**
 * Lets one point at a step of what is drawn within it.
 * @param {{title: string, points: object, count: number, at: number|null, onAt: (index: number|null) => void,
 *   valueText: (index: number) => string}} props `valueText`: what there is at a step
 */
export function TimeCursor({ title, points, count, at, onAt, valueText, children }) {
  const shown = at ?? count - 1;
  const open = (index) => go(logPathAt(points, index));
  return html`
    <div class="time-cursor" role="slider" tabIndex="0" aria-label="${title} over time. Enter opens the log of that time"
      aria-valuemin="0" aria-valuemax=${count - 1} aria-valuenow=${shown}
      aria-valuetext=${`${timeOf(points, shown)}: ${valueText(shown)}`}
      ...${timeCursor({ count, at, onAt, onOpen: open })}>
      ${children}
      <svg class="time-here" viewBox="0 0 ${count} 1" preserveAspectRatio="none" aria-hidden="true">
        ${at !== null && html`<path d="M${at + 0.5} 0v1" />`}</svg>
    </div>`;
}

/** From when until when, and in between the time that is pointed at, with its log. */
export function TimeAxis({ points, at }) {
  const { from, until } = points;
  const long = Date.parse(until) - Date.parse(from) > day;
  const end = (instant) => (long ? formatDateTime(instant) : clock.format(new Date(instant)));
  return html`
    <p class="time-axis muted">
      <span aria-hidden="true">${end(from)}</span>
      ${at !== null && html`<a href="#${logPathAt(points, at)}" title="Log of this time">${timeOf(points, at)}</a>`}
      <span aria-hidden="true">${end(until)}</span>
    </p>`;
}
