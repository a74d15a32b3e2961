/** Finds things by parts of their names: a combobox with a list (WAI-ARIA), for the search and to choose one thing. */
import { html, useEffect, useId, useRef, useState } from '../lib/view.js';
import { get } from '../lib/api.js';
import { capitalised, count } from '../lib/format.js';
import { Icon } from './icon.js';
import { Problem } from './notice.js';

/** How long somebody has to pause in typing, in milliseconds. */
const pauseMs = 150;

const icons = {
  event: 'calendar-days', contest: 'trophy', category: 'layers', contestant: 'users', judge: 'gavel', user: 'key-round',
};

/** What is found for a text; null while there is none. */
function useHits(text, kind) {
  const [found, setFound] = useState({ hits: null, error: null });
  useEffect(() => {
    if (!text.trim()) {
      setFound({ hits: null, error: null });
      return undefined;
    }
    const abort = new AbortController();
    const timer = setTimeout(() => {
      const query = new URLSearchParams({ q: text.trim().slice(0, 200), ...(kind && { kind }) });
      get(`/search?${query}`, { signal: abort.signal }).then(
        ({ items }) => setFound({ hits: items, error: null }),
        (error) => abort.signal.aborted || setFound({ hits: null, error }),
      );
    }, pauseMs);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [text, kind]);
  return found;
}

/** Where the arrow keys lead from one of `length` hits; past the ends it goes on at the other. */
const moves = {
  ArrowDown: (at, length) => (at + 1) % length,
  ArrowUp: (at, length) => (at <= 0 ? length : at) - 1,
};

/**
 * @param {{label: string, kind?: string, onChoose: (hit: {type: string, id: string, name: string}) => void}} props `kind`:
 * only things of this kind
 */
export function Finder({ label, kind, onChoose }) {
  const id = useId();
  const [text, setText] = useState('');
  const [at, setAt] = useState(-1);
  const list = useRef(null);
  const { hits, error } = useHits(text, kind);
  useEffect(() => setAt(hits?.length > 0 ? 0 : -1), [hits]);
  useEffect(() => list.current?.children[at]?.scrollIntoView({ block: 'nearest' }), [at]);
  const press = (event) => {
    if (!hits?.length) {
      // Enter would submit the form around it, with nothing chosen.
      if (event.key === 'Enter') event.preventDefault();
      return;
    }
    if (event.key === 'Enter' && hits[at]) {
      event.preventDefault();
      onChoose(hits[at]);
    } else if (moves[event.key]) {
      event.preventDefault();
      setAt(moves[event.key](at, hits.length));
    }
  };
  const said = hits && (hits.length > 0 ? `${count(hits.length, 'result')}.` : `Nothing is called “${text.trim()}”.`);
  return html`
    <div class="finder field">
      <label for=${id}>${label}</label>
      <input id=${id} type="text" role="combobox" autocomplete="off" spellcheck=${false} autofocus
        aria-autocomplete="list" aria-expanded=${hits?.length > 0 ? 'true' : 'false'} aria-controls="${id}-list"
        aria-activedescendant=${at >= 0 && hits?.length > 0 ? `${id}-${at}` : null} value=${text} onKeyDown=${press}
        onInput=${(event) => setText(event.target.value)} />
      <${Problem} error=${error} />
      <p class=${hits?.length === 0 ? 'muted' : 'visually-hidden'} role="status">${said}</p>
      <ul id="${id}-list" role="listbox" aria-label=${label} ref=${list} hidden=${!hits?.length}>
        ${(hits ?? []).map((hit, index) => html`
          <li key=${hit.id} id="${id}-${index}" role="option" aria-selected=${index === at ? 'true' : 'false'}
            onClick=${() => onChoose(hit)} onPointerMove=${() => setAt(index)}>
            <${Icon} name=${icons[hit.type]} />
            <span>${hit.name}<small>${[capitalised(hit.type), hit.hint].filter(Boolean).join(' · ')}</small></span>
          </li>`)}
      </ul>
    </div>`;
}
