/** The values of a tenant's custom fields, in the form of whatever they are asked of. */
import { html } from '../lib/view.js';
import { useList } from '../lib/resource.js';
import { can } from '../lib/session.js';
import { Field } from './field.js';
import { Problem } from './notice.js';

const types = {
  text: 'text', longText: 'textarea', number: 'decimal', date: 'date', boolean: 'checkbox', select: 'select',
  multiSelect: 'choices', email: 'email', url: 'url', phone: 'tel',
};

const chosen = (option) => ({ value: option, label: option });

/** A custom field as one of a form. */
function formField({ key, label, required, rule }) {
  const options = rule.options?.map(chosen);
  return {
    name: `custom-${key}`, label, type: types[rule.type], required,
    options: rule.type === 'select' ? [{ value: '', label: 'Not chosen' }, ...options] : options,
  };
}

/** @param {{value: object, onChange: (custom: object) => void, field: {entity: string}}} props */
export function CustomInput({ value, onChange, field }) {
  const list = useList(can('fields.read') ? '/fields' : null);
  if (list.error) return html`<${Problem} error=${list.error} onRetry=${list.reload} />`;
  const custom = value || {};
  const put = (key, next) => {
    const { [key]: _, ...rest } = custom;
    onChange(next === '' || next?.length === 0 ? rest : { ...rest, [key]: next });
  };
  const fields = (list.data ?? []).filter(({ entity }) => entity === field.entity);
  if (fields.length === 0) return html`<p class="field-hint">No further fields are defined.</p>`;
  return html`
    <div class="fields group">${fields.map((one) => html`
      <${Field} key=${one.key} field=${formField(one)} value=${custom[one.key] ?? ''}
        onChange=${(next) => put(one.key, next)} />`)}</div>`;
}
