/** What a line of the log says, for people. */
import { spanOf } from './delivery-words.js';

const levels = {
  error: { text: 'Error', tone: 'danger', icon: 'circle-alert' },
  warn: { text: 'Warning', tone: 'warning', icon: 'triangle-alert' },
  info: { text: 'Info', tone: 'neutral' },
  debug: { text: 'Debug', tone: 'neutral' },
  trace: { text: 'Trace', tone: 'neutral' },
};

/** The levels that can be asked for, the worst first. */
export const levelNames = Object.keys(levels);

/** Word, tone and icon of a level. */
export const levelOf = ({ level }) => levels[level] ?? { text: level ?? 'Unknown', tone: 'neutral' };

/** The word of a level. */
export const levelWord = (level) => levelOf({ level }).text;

const clock = new Intl.DateTimeFormat('en-GB', {
  hour: '2-digit', minute: '2-digit', second: '2-digit', fractionalSecondDigits: 3,
});
const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });
const dayOfYear = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' });

/** When a line was written, to the millisecond; the day only where it is not today's. */
export function clockOf(instant, now = Date.now()) {
  const [at, today] = [new Date(instant), new Date(now)];
  if (day.format(at) === day.format(today) && at.getFullYear() === today.getFullYear()) return clock.format(at);
  const date = at.getFullYear() === today.getFullYear() ? day : dayOfYear;
  return `${date.format(at)}, ${clock.format(at)}`;
}

/** A duration in microseconds as people say it: `320 µs`, `3.8 ms`, `41 ms`, `1.2 s`. */
export function tookOf(us) {
  if (us < 1_000) return `${Math.round(us)} µs`;
  if (us < 10_000) return `${Number((us / 1_000).toFixed(1))} ms`;
  return spanOf(us / 1_000);
}

/** How long that took which a line tells of, in microseconds; null if it does not say. */
export function durationOf({ durationUs, durationMs }) {
  if (Number.isFinite(durationUs)) return durationUs;
  return Number.isFinite(durationMs) ? durationMs * 1_000 : null;
}

/** Whether a line is the record of a request. */
export const isRequest = ({ kind, method }) => kind === 'http' && method !== undefined;

/**
 * What a line says in short.
 * @param {object} fields of the line
 * @returns {{text: string, code: boolean, status: string|null, failed: boolean}} `code`: it is no sentence
 */
export function sayingOf(fields) {
  const { message, method, path, status, aborted, error } = fields;
  const answered = status === undefined ? null : String(status);
  if (isRequest(fields)) {
    return { text: `${method} ${path}`, code: true, status: aborted ? 'not answered' : answered, failed: status >= 500 };
  }
  const text = [message, error].filter((part) => part !== undefined && part !== '').map(String).join(': ');
  return { text: text || 'A line without a message', code: false, status: answered, failed: false };
}

/** What stands in the head of a line, or is of no use to people. */
const untold = new Set(['timestamp', 'level', 'message', 'spans']);
const order = [
  'requestId', 'correlationId', 'trace_id', 'span_id', 'parent_span_id', 'jobId', 'deliveryId', 'userId', 'judgeId',
  'tenantId', 'kind', 'module', 'route', 'method', 'path', 'status', 'durationUs', 'dbQueueUs', 'dbApplyUs', 'dbCommitUs',
];

/**
 * The particulars of a line: ids first, then what it is about, then the rest by name.
 * @param {object} fields
 * @returns {[string, any][]}
 */
export function particularsOf(fields) {
  const rank = (name) => (order.includes(name) ? order.indexOf(name) : order.length);
  return Object.entries(fields).filter(([name, value]) => !untold.has(name) && value !== null)
    .sort(([one], [other]) => rank(one) - rank(other) || one.localeCompare(other));
}

const names = {
  requestId: 'Request ID', correlationId: 'Correlation ID', trace_id: 'Trace ID', span_id: 'Span ID',
  parent_span_id: 'Parent span ID', jobId: 'Job ID', deliveryId: 'Delivery ID', userId: 'User ID', judgeId: 'Judge ID',
  tenantId: 'Tenant ID', kind: 'Kind', module: 'Module', route: 'Route', method: 'Method', path: 'Path', status: 'Status',
  durationUs: 'Duration', dbQueueUs: 'Store: queued', dbApplyUs: 'Store: applied', dbCommitUs: 'Store: committed',
  bytes: 'Bytes answered',
};

/** What a field is called: those that every line has in words, the others as they stand in the line. */
export const fieldName = (name) => names[name] ?? name;

/** The value of a field as text. */
export function fieldText(name, value) {
  if (typeof value === 'number' && name.endsWith('Us')) return tookOf(value);
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
