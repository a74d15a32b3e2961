/** A hook that looks again after what nobody tells: as long as it moves, and while the page is looked at. */
import { useEffect } from './view.js';

/**
 * @param {{data: any, error: Error|null, reload: () => void}} state as `useResource` and `usePages` give it
 * @param {number|null} everyMs how long after an answer the next look is, in milliseconds; null for no more
 */
export function useRefreshing({ data, error, reload }, everyMs) {
  useEffect(() => {
    if (everyMs === null) return undefined;
    const look = () => document.hidden || reload();
    const timer = setTimeout(look, everyMs);
    document.addEventListener('visibilitychange', look);
    return () => {
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', look);
    };
  }, [data, error, everyMs]);
}
