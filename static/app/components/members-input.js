/** The members of a team, one a line. */
import { html, useState } from '../lib/view.js';
import { membersOf, textOf } from '../lib/members.js';

/**
 * What is typed stays as it is typed, while its meaning goes to the form.
 * @param {{value: {name: string, role?: string}[], onChange: (members: object[]) => void, attributes: object}} props
 */
export function MembersInput({ value, onChange, attributes }) {
  const [typed, setTyped] = useState(() => textOf(value || []));
  return html`<textarea ...${attributes} rows="3" value=${typed} onInput=${({ target }) => {
    setTyped(target.value);
    onChange(membersOf(target.value));
  }} />`;
}
