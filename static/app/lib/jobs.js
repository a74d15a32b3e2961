/** Many changes at once and the jobs that make them: asking, following until the end, taking back. */
import { get, post } from './api.js';
import { count } from './format.js';
import { isOver } from './job-words.js';
import { toast, toastError } from './toasts.js';

/** The first look is early, because most jobs are short; then one a second. */
const firstWaitMs = 100;
const longestWaitMs = 1000;

const pause = (ms) => new Promise((resolve) => {
  setTimeout(resolve, ms);
});

/**
 * Looks at a job until it is over. While the server cannot be reached it goes on asking.
 * @param {object} job as last seen
 * @param {{signal?: AbortSignal, onProgress?: (job: object) => void}} options
 * @returns {Promise<object>} the job as last seen; over, unless `signal` was given up
 */
export async function follow(job, { signal, onProgress = () => {} } = {}) {
  let latest = job;
  for (let wait = firstWaitMs; !isOver(latest); wait = Math.min(2 * wait, longestWaitMs)) {
    await pause(wait);
    if (signal?.aborted) return latest;
    try {
      latest = await get(`/jobs/${job.id}`, { signal });
    } catch (error) {
      if (signal?.aborted) return latest;
      if (error.status !== 0) throw error;
    }
    onProgress(latest);
  }
  return latest;
}

/**
 * Rehearses many changes, without and with confirmation.
 * @param {string} path such as `/bulk`
 * @param {object} body
 * @returns {Promise<[object, object]>} both answers
 */
export function rehearse(path, body) {
  const ask = (confirm) => post(path, { ...body, confirm, dryRun: true });
  return Promise.all([ask(false), ask(true)]);
}

/**
 * Makes many changes: all or none, or as many as a job can where there are too many for that.
 * @param {string} path such as `/bulk`
 * @param {object} body
 * @returns {Promise<object>} the job that made them, over
 */
export async function make(path, body) {
  const answer = await post(path, body);
  return follow(answer.job ?? answer);
}

/** Takes back what a job did, and waits until that is over. */
async function undo(job) {
  return follow(await post(`/jobs/${job.id}/undo`));
}

/**
 * Says what a job has done, with a way to take it back.
 * @param {string} text
 * @param {object} job that is over
 * @param {() => void} onUndone
 */
export function announce(text, job, onUndone) {
  const left = job.failed > 0 ? ` ${count(job.failed, 'change')} could not be made: see Jobs.` : '';
  const run = async () => {
    try {
      const { done, failed } = await undo(job);
      toast(failed === 0 ? 'Taken back.' : failed < done ? `Taken back, but for ${count(failed, 'change')}: see Jobs.`
        : 'It could not be taken back: see Jobs.');
      onUndone();
    } catch (error) {
      toastError(error);
    }
  };
  toast(`${text}${left}`, job.undoable ? { action: { label: 'Undo', run } } : {});
}
