/** Following a job until it ends, and taking back what one has done. */
import { get, post } from './api.js';
import { toast, toastError } from './toasts.js';

/** How often a job is asked after, in milliseconds: at first at once, later at leisure. */
const firstMs = 150;
const lastMs = 2_000;

const over = ({ state }) => ['done', 'failed', 'cancelled'].includes(state);

/**
 * Waits for the end of a job.
 * @param {object} job as the server announced it
 * @param {(job: object) => void} [onProgress] is told how far it is
 * @returns {Promise<object>} the job as it ended; one that failed is an error
 */
export async function ended(job, onProgress = () => {}) {
  let now = job;
  for (let ms = firstMs; !over(now); ms = Math.min(ms * 1.5, lastMs)) {
    onProgress(now);
    await new Promise((resolve) => {
      setTimeout(resolve, ms);
    });
    now = await get(`/jobs/${now.id}`);
  }
  if (now.state === 'failed') throw new Error(now.detail ?? 'The server could not finish this.');
  return now;
}

/**
 * Takes back what a job has done; waits until that is so.
 * @returns {Promise<number>} how much stays, because somebody has changed it since
 */
export async function undo(job) {
  const { failed } = await ended(await post(`/jobs/${job.id}/undo`));
  return failed;
}

/** Says that something is done, and offers to take it back for as long as the message stands. */
export function toastUndoable(text, job, onUndone) {
  const run = async () => {
    try {
      const kept = await undo(job);
      toast(kept > 0 ? 'Taken back, except for what somebody has changed since.' : 'Taken back.');
      onUndone();
    } catch (error) {
      toastError(error);
    }
  };
  toast(text, job?.undoable ? { action: { label: 'Undo', run } } : {});
}
