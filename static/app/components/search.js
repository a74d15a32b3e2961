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

const nameAndEmail = ({ name, email = '' }) => `${name} ${email}`;

/** The items whose text, name and e-mail unless told otherwise, contains the given; case and accents do not matter. */
export function matching(items, text, textOf = nameAndEmail) {
  const plain = (word) => word.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
  const wanted = plain(text.trim());
  return items.filter((item) => plain(textOf(item)).includes(wanted));
}
