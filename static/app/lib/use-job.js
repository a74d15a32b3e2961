/** A hook that shows a job as it is now: asked for again until it is over. */
import { useEffect, useState } from './view.js';
import { isOver } from './job-words.js';
import { follow } from './jobs.js';

/**
 * @param {object} job as it was last listed
 * @param {{onOver?: (job: object) => void}} options called when it ends while it is watched
 * @returns {{job: object, error: Error|null}}
 */
export function useJob(job, { onOver = () => {} } = {}) {
  const [seen, setSeen] = useState({ job, error: null });
  const latest = seen.job.id === job.id && seen.job.version >= job.version ? seen.job : job;
  useEffect(() => {
    if (isOver(job)) return undefined;
    const abort = new AbortController();
    const onProgress = (now) => abort.signal.aborted || setSeen({ job: now, error: null });
    follow(job, { signal: abort.signal, onProgress }).then(
      (last) => abort.signal.aborted || onOver(last),
      (error) => abort.signal.aborted || setSeen({ job: latest, error }),
    );
    return () => abort.abort();
  }, [job.id, isOver(job)]);
  return { job: latest, error: seen.error };
}
