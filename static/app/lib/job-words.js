/** What a job is and how far it is, in words. */
import { capitalised, count, sentence } from './format.js';

const states = {
  waiting: { text: 'Waiting', tone: 'neutral', icon: 'clock' },
  running: { text: 'Running', tone: 'accent', icon: 'refresh-cw' },
  done: { text: 'Done', tone: 'success', icon: 'check' },
  failed: { text: 'Failed', tone: 'danger', icon: 'circle-alert' },
  cancelled: { text: 'Cancelled', tone: 'warning', icon: 'ban' },
};

/** The states that jobs can be in, with their words. */
export const jobStates = Object.entries(states).map(([value, { text }]) => ({ value, label: text }));

/** Whether nothing more will happen. */
export const isOver = ({ state }) => state === 'done' || state === 'failed' || state === 'cancelled';

/** Word, tone and icon of a job's state; one that left something out is not simply done. */
export function stateOf({ state, failed }) {
  return state === 'done' && failed > 0 ? { text: 'Done in part', tone: 'warning', icon: 'circle-alert' }
    : states[state];
}

/**
 * What a job is called.
 * @param {{task: object}} job
 * @param {(id: string) => object|undefined} find another job by its id, as far as it is known
 */
export function titleOf({ task }, find = () => undefined) {
  const tasks = {
    bulk: () => capitalised(task.name),
    undo: () => {
      const undone = find(task.job);
      return undone ? `Take back: ${titleOf(undone, find)}` : 'Take back what another job did';
    },
    purge: () => `Destroy the ${task.kind} “${task.name}” for good`,
    retention: () => 'Destroy what has been in the trash for long enough',
    storage: () => 'Bring object storage in line with the files',
    erasure: () => `Erase what the log has of ${count(task.tenants.length, 'organisation')}`,
  };
  return tasks[task.type]();
}

/**
 * How far a job is: `value` of `max`, without `max` if nobody knows how much there is.
 * @returns {{value: number, max: number|null, text: string}}
 */
export function progressOf({ done, total, state }) {
  if (total === null) return { value: done, max: null, text: done === 0 && state === 'waiting' ? 'Not begun' : `${done} so far` };
  return { value: done, max: total, text: `${done} of ${total}` };
}

/** What there is to say about a job that is over, but for its faults one by one. */
export function summaryOf({ task, state, done, failed, detail }) {
  const destroys = task.type === 'purge' || task.type === 'retention';
  const moves = { storage: ['transfer', 'begun'], erasure: ['log file', 'looked through'] }[task.type];
  const [thing, made] = moves || (destroys ? ['thing', 'destroyed'] : ['change', 'made']);
  const parts = [
    state === 'cancelled' && 'It was stopped; what it had done stays.',
    state === 'failed' && sentence(detail ?? 'It could not go on'),
    failed > 0 ? `Of ${count(done, thing)}, ${failed} could not be ${made}.` : `${count(done, thing)} ${made}.`,
    task.type === 'erasure' && `${count(task.lines, 'line')} erased.`,
  ];
  return parts.filter(Boolean).join(' ');
}

/** What taking back a job does, before somebody confirms it. */
export function undoingMeans({ task }) {
  return task.type === 'undo' ? 'What was taken back is done again.'
    : 'What it created is deleted, what it deleted is restored, and what it changed gets its former values.';
}
