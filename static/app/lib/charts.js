/** The charts of the key metrics: what there is, how numbers are said, and where lines go. */
import { sizeOf } from './file-words.js';
import { tookOf } from './log-words.js';

/** The stretches of time that can be looked at. */
export const ranges = [
  { key: '1h', label: 'Hour', ms: 3_600_000 },
  { key: '6h', label: '6 hours', ms: 6 * 3_600_000 },
  { key: '24h', label: 'Day', ms: 24 * 3_600_000 },
  { key: '7d', label: 'Week', ms: 7 * 24 * 3_600_000 },
  { key: '30d', label: '30 days', ms: 30 * 24 * 3_600_000 },
];

const line = (name, label, tone) => ({ name, label, tone });

/** The charts with their lines, in the order in which one looks at them. */
export const charts = [
  {
    key: 'requests', title: 'Requests',
    lines: [
      line('requests.answered', 'Answered', 'accent'), line('requests.refused', 'Refused (4xx)', 'amber'),
      line('requests.failed', 'Failed (5xx)', 'danger'),
    ],
  },
  {
    key: 'duration', title: 'How long requests take',
    lines: [
      line('duration.p50', 'Half within', 'green'), line('duration.p95', '95 % within', 'accent'),
      line('duration.p99', '99 % within', 'violet'),
    ],
  },
  { key: 'underWay', title: 'Requests under way', lines: [line('underWay.requests', 'Most at once', 'accent')] },
  {
    key: 'deliveries', title: 'Deliveries',
    lines: [line('deliveries.arrived', 'Arrived', 'accent'), line('deliveries.failed', 'Attempts failed', 'danger')],
  },
  {
    key: 'queues', title: 'Work that waits',
    lines: [line('queues.waiting', 'Waiting', 'accent'), line('queues.deadLetters', 'Given up', 'danger')],
  },
  { key: 'oldest', title: 'Age of what waits longest', lines: [line('oldest.age', 'Age', 'amber')] },
  { key: 'commits', title: 'Commits', lines: [line('commits.rate', 'Commits', 'accent')] },
  {
    key: 'commitTime', title: 'How long commits take',
    lines: [line('commitTime.p50', 'Half within', 'green'), line('commitTime.p95', '95 % within', 'accent')],
  },
  {
    key: 'log', title: 'Lines of the log',
    lines: [
      line('log.info', 'Info', 'accent'), line('log.warn', 'Warnings', 'amber'), line('log.error', 'Errors', 'danger'),
      line('log.lost', 'Lost', 'violet'),
    ],
  },
  {
    key: 'free', title: 'Free disk space',
    lines: [line('free.data', 'For the data', 'accent'), line('free.log', 'For the log', 'violet')],
  },
  {
    key: 'files', title: 'Size of what is kept',
    lines: [line('files.data', 'Data', 'accent'), line('files.log', 'Log', 'violet')],
  },
  { key: 'memory', title: 'Memory', lines: [line('memory.resident', 'In use', 'accent')] },
  { key: 'processor', title: 'Processor', lines: [line('processor.used', 'Of one processor', 'accent')] },
];

const number = new Intl.NumberFormat('en-GB', { maximumSignificantDigits: 3 });

const said = {
  count: (value) => number.format(value),
  bytes: (value) => sizeOf(Math.round(value)),
  seconds: (value) => (value === 0 ? '0 s' : tookOf(value * 1e6)),
  perSecond: (value) => `${number.format(value)}/s`,
  perMinute: (value) => `${number.format(value)}/min`,
  share: (value) => `${number.format(value * 100)} %`,
};

/** A number of a chart, as people say it; a dash where nothing is known. */
export const say = (unit, value) => (value === null || value === undefined ? '–' : said[unit](value));

/** What a whole axis is at least, so that noise around nothing does not look like something. */
const least = { count: 4, bytes: 1_000_000, seconds: 0.01, perSecond: 1, perMinute: 1, share: 0.05 };

/**
 * The end of an axis that has all of these numbers: a round one.
 * @param {string} unit
 * @param {(number|null)[]} values
 */
export function ceilingOf(unit, values) {
  const highest = values.reduce((most, value) => Math.max(most, value ?? 0), least[unit]);
  const power = 10 ** Math.floor(Math.log10(highest));
  const step = [1, 2, 4, 5, 8, 10].find((each) => highest <= each * power * 1.000_001) ?? 10;
  return step * power;
}

/** How high the drawing is, in its own units; a step of time is one wide. */
export const height = 100;

/**
 * The path of a line. What is not known is a gap; what is known between two gaps is a dot.
 * @param {(number|null)[]} values
 * @param {number} ceiling
 */
export function pathOf(values, ceiling) {
  let drawing = false;
  return values.map((value, index) => {
    if (value === null) {
      drawing = false;
      return '';
    }
    const y = Number((height * (1 - value / ceiling)).toFixed(2));
    const alone = !drawing && (values[index + 1] ?? null) === null;
    const point = `${drawing ? 'L' : 'M'}${index + 0.5} ${y}${alone ? 'h0' : ''}`;
    drawing = true;
    return point;
  }).join('');
}

/** The newest, lowest and highest of the numbers that are known; null if none is. */
export function extremesOf(values) {
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return { latest: null, lowest: null, highest: null };
  return { latest: known.at(-1), lowest: Math.min(...known), highest: Math.max(...known) };
}

/**
 * Stretches of steps with the same value, without those where nothing is known.
 * @param {(number|null)[]} values
 * @returns {{value: number, from: number, length: number}[]}
 */
export function stretchesOf(values) {
  const stretches = [];
  for (const [index, value] of values.entries()) {
    const last = stretches.at(-1);
    if (value === null) continue;
    if (last?.value === value && last.from + last.length === index) last.length += 1;
    else stretches.push({ value, from: index, length: 1 });
  }
  return stretches;
}

const minute = 60_000;

/** When a step begins and ends, in milliseconds. */
export function timesOf({ from, stepS }, index) {
  const begins = Date.parse(from) + index * stepS * 1_000;
  return { begins, ends: begins + stepS * 1_000 };
}

/** The address of the Log page with the whole minutes of a step. */
export function logPathAt(points, index) {
  const { begins, ends } = timesOf(points, index);
  const [from, until] = [Math.floor(begins / minute) * minute, Math.ceil(ends / minute) * minute];
  return `/logs?${new URLSearchParams({ from: new Date(from).toISOString(), until: new Date(until).toISOString() })}`;
}

/**
 * The address of the Charts page.
 * @param {string} range
 * @param {number|null} until in milliseconds; null for now
 */
export function chartsPath(range, until) {
  const query = new URLSearchParams({ range, ...(until === null ? {} : { until: new Date(until).toISOString() }) });
  return `/charts?${query}`;
}
