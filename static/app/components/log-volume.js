/** How many lines the log has over the time that is looked at, by level; a bar narrows the time to its own. */
import { html, useState } from '../lib/view.js';
import { formatDateTime } from '../lib/format.js';
import { barsOf, partsOf, stacked, totalsOf, volumeSpan } from '../lib/log-volume.js';
import { levelWord } from '../lib/log-words.js';
import { narrow } from '../lib/narrow.js';
import { useResource } from '../lib/resource.js';
import { timeCursor } from '../lib/time-cursor.js';
import { Problem } from './notice.js';

const number = new Intl.NumberFormat('en-GB');
/** Bars on a wide screen, and on a phone, where a thumb has to hit them. */
const [barsMax, barsMaxNarrow] = [62, 24];

const pathOf = ({ from, until, minutes }, filters) => `/logs/volume?${new URLSearchParams({
  ...filters, from: new Date(from).toISOString(), until: new Date(until).toISOString(), minutes: String(minutes),
})}`;

/**
 * @param {{
 *   window: {from: number|null, until: number|null}, at: number, filters: Record<string, string>,
 *   onNarrow: (from: number, until: number) => void,
 * }} props `at` is the time now; all in milliseconds
 */
export function LogVolume({ window, at, filters, onNarrow }) {
  const most = narrow.value ? barsMaxNarrow : barsMax;
  const span = volumeSpan(window, at, most);
  const coarse = useResource(pathOf(span, filters), { still: true });
  // Of all that is kept, what is empty before the first line would leave no room for the rest.
  const first = window.from === null && coarse.data?.items[0] && Math.max(Date.parse(coarse.data.items[0].from), span.from);
  const fine = first ? volumeSpan({ from: first, until: window.until }, at, most) : null;
  const finer = useResource(fine && fine.minutes < span.minutes ? pathOf(fine, filters) : null, { still: true });
  const [shown, counted] = finer.data ? [fine, finer.data] : [span, coarse.data];
  if (!counted) {
    // What is wrong with the question is told by the search itself.
    if (coarse.error?.status === 400) return null;
    return coarse.error ? html`<${Problem} error=${coarse.error} onRetry=${coarse.reload} />`
      : html`<div class="log-volume" aria-busy="true" />`;
  }
  const bars = barsOf(shown, counted.items);
  return html`<${Bars} key=${`${shown.from} ${shown.minutes}`} bars=${bars} complete=${counted.complete}
    narrowed=${Object.keys(filters).length > 0} onNarrow=${onNarrow} />`;
}

/** `3 errors`, and so on, of the levels that there are. */
function inWords(counts) {
  const told = stacked.map((level, index) => [levelWord(level), counts[index]]).filter(([, count]) => count > 0);
  return told.length === 0 ? 'no lines' : told.map(([word, count]) => `${word} ${number.format(count)}`).join(', ');
}

const timesOf = ({ from, until }) => `${formatDateTime(from)} to ${formatDateTime(until)}`;

function Bars({ bars, complete, narrowed, onNarrow }) {
  const [at, setAt] = useState(null);
  const highest = Math.max(...bars.map(({ total }) => total));
  const last = bars.length - 1;
  const bar = at === null ? null : bars[Math.min(at, last)];
  const open = (index) => onNarrow(bars[index].from, bars[index].until);
  const cursor = timeCursor({ count: bars.length, at, onAt: setAt, onOpen: open, tapOpens: true });
  const said = bar ? `${timesOf(bar)}: ${inWords(bar.counts)}` : inWords(totalsOf(bars));
  return html`
    <figure class="log-volume">
      <figcaption>
        <span class="log-volume-said">${said}</span>
        <span class="muted">${narrowed ? 'Lines that are searched for' : 'All lines'}${complete ? '' : '; some of the oldest are not counted'}</span>
      </figcaption>
      <div class="log-bars" role="slider" tabIndex="0" aria-label="Lines over time. Enter narrows the time to a bar"
        aria-valuemin="0" aria-valuemax=${last} aria-valuenow=${at ?? last}
        aria-valuetext=${`${timesOf(bars[at ?? last])}: ${inWords(bars[at ?? last].counts)}`}
        onFocus=${() => setAt((now) => now ?? last)} onBlur=${() => setAt(null)} ...${cursor}>
        <svg viewBox="0 0 ${bars.length} 1" preserveAspectRatio="none" aria-hidden="true">
          ${bars.map((each, index) => html`<g key=${each.from} class=${each === bar ? 'here' : ''}>
            <rect class="log-bar-ground" x=${index} y="0" width="1" height="1" />
            ${partsOf(each, highest).map(({ level, from, height }) => html`
              <rect key=${level} class=${level} x=${index + 0.1} y=${1 - from - height} width="0.8" height=${height} />`)}</g>`)}
        </svg>
      </div>
      <p class="log-axis muted" aria-hidden="true"><span>${formatDateTime(bars[0].from)}</span>
        <span>${highest > 0 ? `at most ${number.format(highest)} in a bar` : ''}</span>
        <span>${formatDateTime(bars[last].until)}</span></p>
    </figure>`;
}
