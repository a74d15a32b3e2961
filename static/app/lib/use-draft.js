/** The draft of one sheet as the state of a component, kept on the device with every change. */
import { useEffect, useRef, useState } from './view.js';
import { draftKey, saveDraft } from './drafts.js';

/**
 * @param {[string, string, string]} address judge, category and entry
 * @param {() => import('./drafts.js').Draft} start what to begin with
 * @returns {{draft: object, change: (next: object) => void, kept: boolean}} `kept`: this device could keep it
 */
export function useDraft(address, start) {
  const [draft, setDraft] = useState(start);
  const [kept, setKept] = useState(true);
  const edited = useRef(null);
  const change = (next) => {
    edited.current = next;
    setDraft(next);
    setKept(saveDraft(...address, next));
  };
  // Tabs share the kept draft. When another one submits and drops it, what was typed on this one must not go with it.
  useEffect(() => {
    const other = ({ key, newValue }) => {
      if (key === draftKey(...address) && newValue === null && edited.current) saveDraft(...address, edited.current);
    };
    addEventListener('storage', other);
    return () => removeEventListener('storage', other);
  }, address);
  return { draft, change, kept };
}
