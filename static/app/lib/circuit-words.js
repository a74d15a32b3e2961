/** Circuit breakers in words. */
import { count } from './format.js';

export const services = {
  email: 'E-mail', storage: 'Object storage', webhook: 'Webhooks', sms: 'Text messages', virus_scan: 'Virus scanner', redis: 'Redis',
  external_api: 'Other HTTP interfaces', otlp: 'Collector of traces and logs',
};

const meanwhile = {
  email: 'Mail waits, or goes by the second relay.',
  storage: 'Backups and files stay on this server, or go to the second target.',
  webhook: 'What its receivers are told waits.',
  sms: 'Text messages wait.',
  virus_scan: 'New files wait for it, and nobody gets them.',
  redis: 'What happens is kept in memory for it; when that is full, the oldest is dropped.',
  external_api: 'Its calls wait.',
  otlp: 'What it misses stays in the log, and it is sent that later.',
};

/** What becomes of what a service would be called for, while it is not. */
export const meanwhileOf = (service) => meanwhile[service];

/** Where a circuit stands, as a badge. */
export const states = {
  CLOSED: { text: 'Works', tone: 'success', icon: 'circle-check' },
  HALF_OPEN: { text: 'Being tried', tone: 'warning', icon: 'rotate-ccw' },
  OPEN: { text: 'Not called', tone: 'danger', icon: 'ban' },
};

const failing = { text: 'Failing', tone: 'warning', icon: 'triangle-alert' };
const off = { text: 'Not watched', tone: 'neutral', icon: 'circle-question-mark' };

/** Whether a service is called, as a badge: where its circuit stands is only heeded by one mode. */
export function standingOf({ state, mode }) {
  if (mode === 'disabled') return off;
  if (mode === 'forcedOpen') return states.OPEN;
  return mode === 'monitor' && state !== 'CLOSED' ? failing : states[state];
}

const becomings = { CLOSED: 'Circuit closed', HALF_OPEN: 'Being tried', OPEN: 'Circuit opened' };

/** What a circuit became. */
export const becomingOf = (state) => becomings[state];

const reasons = {
  failure_count: 'too many failures', failure_rate: 'too large a part of failures', slow_rate: 'too many slow calls',
  consecutive_failures: 'too many failures in a row', open_elapsed: 'its time was over', trial_failed: 'a trial failed',
  trial_slow: 'a trial was slow', trial_timeout: 'a trial did not end', trials_succeeded: 'trials succeeded',
  manual_reset: 'somebody reset it', manual_trip: 'somebody opened it', disabled: 'it was switched off',
};

export const reasonOf = (reason) => reasons[reason] ?? reason;

/** The modes, as one chooses them; `short` is for where there is little room. */
export const modes = [
  { value: '', label: 'By itself: watch first, then enforce', short: 'By itself' },
  { value: 'enforce', label: 'Enforce: failing services are not called', short: 'Enforce' },
  { value: 'monitor', label: 'Watch: every call is made', short: 'Watch' },
  { value: 'forcedOpen', label: 'Call nothing', short: 'Call nothing' },
  { value: 'disabled', label: 'Off', short: 'Off' },
];

const now = {
  enforce: 'Failing services are not called', monitor: 'Only watched', forcedOpen: 'Nothing is called', disabled: 'Off',
};

export const modeOf = (mode) => now[mode] ?? mode;

/** That a circuit was opened, or would have been. */
export function openingOf({ key, mode }) {
  return `${key} ${mode === 'enforce' ? 'was opened' : 'would have been opened'}`;
}

/** What was seen of a service while it was watched. */
export function seenOf({ calls, failed, wouldReject, wouldRejectOk }) {
  if (calls === 0) return 'Not called yet';
  const seen = `${count(calls, 'call')}, ${failed} failed`;
  return wouldReject === 0 ? seen : `${seen}; ${wouldReject} would not have been made, ${wouldRejectOk} of them in error`;
}
