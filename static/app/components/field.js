/** A labelled field of a form: label, hint, the control for its type, and what is wrong with it. */
import { html, useId } from '../lib/view.js';
import { sentence } from '../lib/format.js';
import { deviceZone, explanation } from '../lib/zoned-time.js';
import { ChoiceInput } from './choice-input.js';
import { ChoicesInput } from './choices-input.js';
import { CustomInput } from './custom-input.js';
import { EventsInput } from './events-input.js';
import { FieldRuleInput } from './field-rule-input.js';
import { GrantsInput } from './grants-input.js';
import { HeadersInput } from './headers-input.js';
import { MembersInput } from './members-input.js';
import { MethodInput } from './method-input.js';
import { NumberingInput } from './numbering-input.js';
import { TemplateInput } from './template-input.js';
import { TieBreaksInput } from './tie-breaks-input.js';

const text = (type, extra) => ({ attributes, value, onChange }) => html`
  <input ...${attributes} type=${type} value=${value} onInput=${(e) => onChange(e.target.value)} ...${extra} />`;

const controls = {
  text: text('text'),
  email: text('email', { autocomplete: 'off' }),
  'new-password': text('password', { autocomplete: 'new-password' }),
  password: text('password', { autocomplete: 'current-password' }),
  username: text('email', { autocomplete: 'username' }),
  tel: text('tel', { autocomplete: 'off' }),
  code: text('text', { autocomplete: 'one-time-code', autocapitalize: 'characters', spellcheck: false }),
  integer: text('text', { inputmode: 'numeric' }),
  decimal: text('text', { inputmode: 'decimal' }),
  datetime: text('datetime-local'),
  date: text('date'),
  url: text('url', { autocomplete: 'off' }),
  textarea: ({ attributes, value, onChange, field }) => html`
    <textarea ...${attributes} rows=${field.rows ?? 3} value=${value} onInput=${(e) => onChange(e.target.value)} />`,
  select: ({ attributes, value, onChange, field }) => html`
    <select ...${attributes} value=${value} onChange=${(e) => onChange(e.target.value)}>
      ${(typeof field.options === 'function' ? field.options(value) : field.options).map((option) => html`
        <option key=${option.value} value=${option.value} selected=${option.value === value}>
          ${option.label}</option>`)}
    </select>`,
  choice: ChoiceInput,
  json: TemplateInput,
  members: MembersInput,
};

/** Types that are groups of controls rather than one. */
const groups = {
  choices: ChoicesInput, custom: CustomInput, events: EventsInput, fieldRule: FieldRuleInput, grants: GrantsInput,
  headers: HeadersInput, method: MethodInput, numbering: NumberingInput, tieBreaks: TieBreaksInput,
};

/**
 * @param {{field: object, value: any, onChange: (value: any) => void, values?: object, fault?: string}} props
 */
export function Field({ field, value, onChange, values = {}, fault, autofocus }) {
  const id = useId();
  const hint = field.type === 'datetime' ? explanation(value, values.timeZone || deviceZone) : field.hint;
  const described = [hint && `${id}-hint`, fault && `${id}-fault`].filter(Boolean).join(' ') || null;
  const notes = html`
    ${hint && html`<p class="field-hint" id="${id}-hint">${hint}</p>`}
    ${fault && html`<p class="field-fault" id="${id}-fault">${fault}</p>`}`;
  const attributes = {
    id, name: field.name, autofocus, required: field.required,
    'aria-describedby': described, 'aria-invalid': fault ? 'true' : null,
  };
  if (field.type === 'checkbox') {
    return html`
      <div class="field">
        <label class="check"><input type="checkbox" ...${attributes} checked=${value}
          onChange=${(e) => onChange(e.target.checked)} /><span>${field.label}</span></label>
        ${notes}
      </div>`;
  }
  if (groups[field.type]) {
    return html`
      <fieldset class="field" aria-describedby=${described}>
        <legend>${field.label}</legend>${notes}
        <${groups[field.type]} value=${value} onChange=${onChange} values=${values} context=${field.context} field=${field} />
      </fieldset>`;
  }
  return html`
    <div class="field ${field.half ? 'half' : ''}">
      <label for=${id}>${field.label}${!field.required && html` <span class="optional">optional</span>`}</label>
      <${controls[field.type]} attributes=${attributes} value=${value} onChange=${onChange} field=${field} />
      ${notes}
    </div>`;
}

/**
 * Several fields over one object of values.
 * @param {{fields: object[], values: object, onChange: (values: object) => void,
 *   faults: {pointer: string, message: string}[]}} props
 */
export function Fields({ fields, values, onChange, faults }) {
  const faultOf = (name) => faults
    .filter(({ pointer }) => pointer === `/${name}` || pointer.startsWith(`/${name}/`))
    .map(({ message }) => sentence(message)).join(' ');
  return html`<div class="fields">
    ${fields.map((field, index) => html`
      <${Field} key=${field.name} field=${field} value=${values[field.name]} values=${values}
        fault=${faultOf(field.name)} autofocus=${index === 0}
        onChange=${(value) => onChange({ ...values, [field.name]: value })} />`)}
  </div>`;
}

/** The pointers that the given fields show themselves. */
export function shownPointers(fields, faults) {
  return faults.map(({ pointer }) => pointer)
    .filter((pointer) => fields.some(({ name }) => pointer === `/${name}` || pointer.startsWith(`/${name}/`)));
}
