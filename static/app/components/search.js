/** A field that narrows a list that is already on the page. */
import { html, useEffect, useId, useState } from '../lib/view.js';
import { place } from '../lib/router.js';

export function SearchField({ label, value, onChange }) {
  const id = useId();
  return html`
    <div class="search">
      <label class="visually-hidden" for=${id}>${label}</label>
      <input id=${id} type="search" placeholder=${label} value=${value} onInput=${(e) => onChange(e.target.value)} />
    </div>`;
}

const nameAndEmail = ({ name, email = '' }) => `${name} ${email}`;

/**
 * The text to narrow a list by. At an address that names one of the items, as search results do, it begins with what
 * tells that one from others.
 * @param {{id: string, name: string, email?: string}[]|undefined} items
 */
export function useSearchText(items) {
  const [text, setText] = useState('');
  const id = place.value.query.get('id');
  const wanted = items?.find((item) => item.id === id);
  useEffect(() => {
    if (wanted) setText(wanted.email ?? wanted.name);
  }, [wanted?.id]);
  return [text, setText];
}

/** The items whose text, name and e-mail unless told otherwise, contains the given; case and accents do not matter. */
export function matching(items, text, textOf = nameAndEmail) {
  const plain = (word) => word.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
  const wanted = plain(text.trim());
  return items.filter((item) => plain(textOf(item)).includes(wanted));
}
