/** What leaves the box, in words: how far a delivery is, what came of an attempt, when it is tried again. */
import { count } from './format.js';

const states = {
  waiting: { text: 'Waiting', tone: 'neutral', icon: 'clock' },
  running: { text: 'Under way', tone: 'accent', icon: 'refresh-cw' },
  done: { text: 'Arrived', tone: 'success', icon: 'circle-check' },
  dead: { text: 'Dead letter', tone: 'danger', icon: 'circle-alert' },
  cancelled: { text: 'Stopped', tone: 'warning', icon: 'ban' },
};

/** The states that deliveries can be in, with their words. */
export const deliveryStates = Object.entries(states)
  .map(([value, { text }]) => ({ value, label: value === 'dead' ? 'Dead letters' : text }));

/** The services that carry deliveries, with what each carries. */
export const carriers = [
  { value: 'webhook', label: 'Webhooks' },
  { value: 'external_api', label: 'Actions' },
  { value: 'email', label: 'Mail' },
  { value: 'sms', label: 'Text messages' },
  { value: 'storage', label: 'Object storage' },
  { value: 'virus_scan', label: 'Virus scanner' },
  { value: 'redis', label: 'Redis' },
];

/** Whether nothing more happens by itself. */
export const isOver = ({ state }) => ['done', 'dead', 'cancelled'].includes(state);

/** What is for one person alone: whoever gets it sets a password. */
const personal = ['invitation', 'password_reset'];

/** Whether a message that did not arrive can go to another recipient. */
export const canGoElsewhere = ({ state, recipient, replayedBy, title }) =>
  ['dead', 'cancelled'].includes(state) && Boolean(recipient) && !replayedBy && !personal.includes(title);

/** Whether what a delivery says that did not arrive can be changed: what somebody wrote, and what a call is made of. */
export const canSayElse = ({ state, service, subject, replayedBy }) =>
  ['dead', 'cancelled'].includes(state) && !replayedBy && (service === 'external_api' || Boolean(subject));

/** A span of time as people say it: `40 ms`, `3.2 s`, `5 minutes`. */
export function spanOf(ms) {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  const seconds = ms / 1_000;
  if (seconds < 10) return `${Number(seconds.toFixed(1))} s`;
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  return seconds < 5_400 ? count(Math.round(seconds / 60), 'minute') : count(Math.round(seconds / 3_600), 'hour');
}

/** Word, tone and icon of a delivery's state. One whose circuit is open waits for that, and not for its time. */
export function stateOf({ state, parked, parkedForMs }) {
  if (!parked) return states[state];
  const why = parkedForMs === null ? 'its circuit lets nothing pass' : `circuit open for ${spanOf(parkedForMs).replace(' ', '\u00a0')}`;
  return { text: `Parked: ${why}`, tone: 'warning', icon: 'circle-pause' };
}

const outcomes = {
  arrived: { text: 'Arrived', tone: 'success', icon: 'circle-check' },
  failed: { text: 'Failed', tone: 'warning', icon: 'triangle-alert' },
  paused: { text: 'Asked to wait', tone: 'warning', icon: 'circle-pause' },
  refused: { text: 'Refused', tone: 'danger', icon: 'ban' },
  unknown: { text: 'May have arrived', tone: 'warning', icon: 'circle-question-mark' },
  interrupted: { text: 'Interrupted', tone: 'warning', icon: 'circle-question-mark' },
};

/** Word, tone and icon of what came of an attempt. */
export const outcomeOf = ({ outcome }) => (outcome === null ? states.running : outcomes[outcome]);

/** What nobody knows of a delivery of which an attempt ended without an answer. */
export const doubtOf = ({ state }) => (state === 'done' ? 'May have arrived twice' : 'May have arrived');

/** Why that is, and what it means for the receiver. */
export const ambiguity = 'An attempt ended without an answer. It may have arrived nevertheless; then whatever comes after'
  + ' it is the same a second time. The receiver can tell by the name of the message, which stays.';

/** A body as people read it: JSON with a line for each member, all else as it is. */
export function readable(body) {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}

/** How soon something must be due to be looked at often, in milliseconds. */
const soonMs = 60_000;

/**
 * How long until deliveries are worth another look.
 * @param {object[]} deliveries as they were listed
 * @returns {number|null} milliseconds; null if all are over
 */
export function lookAgainMs(deliveries, now = Date.now()) {
  const open = deliveries.filter((delivery) => !isOver(delivery));
  if (open.length === 0) return null;
  const soon = ({ state, dueAt }) => state === 'running' || Date.parse(dueAt) - now < soonMs;
  return open.some(soon) ? 3_000 : 30_000;
}
