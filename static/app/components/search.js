/** A field that narrows a list that is already on the page. */
import { html, useId } from '../lib/view.js';

export function SearchField({ label, value, onChange }) {
  const id = useId();
  return html`
    <div class="search">
      <label class="visually-hidden" for=${id}>${label}</label>
      <input id=${id} type="search" placeholder=${label} value=${value} onInput=${(e) => onChange(e.target.value)} />
    </div>`;
}

/** The items whose name or e-mail contains the text; case and accents do not matter. */
export function matching(items, text) {
  const plain = (word) => word.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
  const wanted = plain(text.trim());
  return items.filter(({ name, email = '' }) => plain(`${name} ${email}`).includes(wanted));
}
