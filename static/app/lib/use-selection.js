/** A hook that keeps which items of a list are chosen. What the list does not show is never among them. */
import { useRef, useState } from './view.js';
import { choose, stretch } from './selection.js';

/**
 * @template T
 * @param {T[]} items those that are shown
 * @param {(item: T) => any} keyOf
 */
export function useSelection(items, keyOf = ({ id }) => id) {
  const [chosen, setChosen] = useState(new Set());
  const last = useRef(null);
  const keys = items.map(keyOf);
  const selected = items.filter((item) => chosen.has(keyOf(item)));
  return {
    selected,
    total: items.length,
    has: (item) => chosen.has(keyOf(item)),
    /** `through`: also all between this one and the one before. */
    toggle: (item, through = false) => {
      const key = keyOf(item);
      const meant = through ? stretch(keys, last.current, key) : [key];
      last.current = key;
      setChosen(choose(chosen, meant, !chosen.has(key)));
    },
    chooseAll: (wanted) => setChosen(choose(chosen, keys, wanted)),
    clear: () => setChosen(new Set()),
  };
}
