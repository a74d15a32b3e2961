/** A choice among the resources of a list, such as a judge for an assignment. */
import { html } from '../lib/view.js';
import { can } from '../lib/session.js';
import { useList } from '../lib/resource.js';
import { Problem } from './notice.js';

/**
 * @param {{field: {path: string, text: (item: any) => string, none?: string, without?: string[], needs?: string},
 *   value: string, onChange: (id: string) => void, attributes: object}} props `without` are ids not offered
 */
export function ChoiceInput({ field, value, onChange, attributes }) {
  const allowed = !field.needs || can(field.needs);
  const list = useList(allowed ? field.path : null);
  if (list.error) return html`<${Problem} error=${list.error} onRetry=${list.reload} />`;
  const items = (list.data ?? []).filter(({ id }) => id === value || !field.without?.includes(id));
  return html`
    <select ...${attributes} value=${value} disabled=${!list.data} onChange=${(e) => onChange(e.target.value)}>
      <option value="" selected=${!value}>${field.none ?? (list.loading ? 'Loading…' : 'Choose…')}</option>
      ${items.map((item) => html`
        <option key=${item.id} value=${item.id} selected=${item.id === value}>${field.text(item)}</option>`)}
    </select>`;
}
