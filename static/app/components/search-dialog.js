/** The search over people and events, at hand on every page of the administration. */
import { html, useEffect, useRef } from '../lib/view.js';
import { addressOfHit } from '../lib/hits.js';
import { go } from '../lib/router.js';
import { can } from '../lib/session.js';
import { IconButton } from './button.js';
import { Dialog } from './dialog.js';
import { Finder } from './finder.js';
import { Icon } from './icon.js';

const isTyping = (element) => element.matches('input, select, textarea, [contenteditable]');

/** Opens the search with “/” wherever nobody types, and with Ctrl-K; a dialog that is open is answered first. */
export function useSearchKeys(open) {
  const opening = useRef(open);
  opening.current = open;
  useEffect(() => {
    const press = (event) => {
      const asked = event.key === 'k' ? event.ctrlKey || event.metaKey
        : event.key === '/' && !event.ctrlKey && !event.metaKey && !event.altKey && !isTyping(event.target);
      if (!asked || !can('search') || document.querySelector('dialog[open]')) return;
      event.preventDefault();
      opening.current();
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, []);
}

/** @param {{small: boolean, onOpen: () => void}} props `small`: only the icon */
export function SearchOpener({ small, onOpen }) {
  if (!can('search')) return null;
  if (small) return html`<${IconButton} icon="search" label="Search" onClick=${onOpen} />`;
  return html`
    <button type="button" class="search-opener" aria-keyshortcuts="/ Control+K" onClick=${onOpen}>
      <${Icon} name="search" /><span>Search</span><kbd aria-hidden="true">/</kbd>
    </button>`;
}

/** @param {{onClose: () => void}} props */
export function SearchDialog({ onClose }) {
  const open = (hit) => {
    onClose();
    go(addressOfHit(hit));
  };
  return html`
    <${Dialog} title="Search" onClose=${onClose} kind="search-dialog">
      <${Finder} label="People, events, contests and categories" onChoose=${open} />
    <//>`;
}
