/** One change at a time from the buttons of a page: what is being done, and why the last one failed. */
import { useState } from './view.js';

/**
 * @param {() => void} onDone after a change that was made
 * @returns {{attempt: (run: () => Promise<void>) => () => Promise<void>, busy: boolean, error: Error|null}} `attempt`
 * makes a handler of a change; while one runs, others do nothing
 */
export function useAttempt(onDone) {
  const [error, setError] = useState(null);
  const [busy, setBusy] = useState(false);
  const attempt = (run) => async () => {
    if (busy) return;
    setBusy(true);
    setError(null);
    try {
      await run();
      onDone();
    } catch (failure) {
      setError(failure);
    }
    setBusy(false);
  };
  return { attempt, busy, error };
}
