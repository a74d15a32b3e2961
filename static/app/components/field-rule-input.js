/** Which values a custom field takes: its type, and the limits that go with it. */
import { html, useState } from '../lib/view.js';
import { Field } from './field.js';

const types = [
  ['text', 'Text of one line'], ['longText', 'Text of several lines'], ['number', 'Number'], ['date', 'Day'],
  ['boolean', 'Yes or no'], ['select', 'One choice'], ['multiSelect', 'Several choices'], ['email', 'E-mail address'],
  ['url', 'Web address'], ['phone', 'Telephone number'],
].map(([value, label]) => ({ value, label }));
const typeField = {
  name: 'rule-type', label: 'Type', type: 'select', required: true, options: types,
  hint: 'It never changes once the field is there.',
};

const length = (name, label) => ({ name, label, type: 'integer', half: true, whole: true });
const lengths = [length('minLength', 'Fewest characters'), length('maxLength', 'Most characters')];
const limits = (type) => [
  { name: 'min', label: type === 'date' ? 'Earliest' : 'Lowest', type, half: true },
  { name: 'max', label: type === 'date' ? 'Latest' : 'Highest', type, half: true },
];
const options = { name: 'options', label: 'Choices', type: 'textarea', required: true, lines: true, hint: 'One a line.' };
const pattern = { name: 'pattern', label: 'Pattern', type: 'text', hint: 'A regular expression for the whole text.' };
const settings = {
  text: [...lengths, pattern], longText: lengths, number: limits('decimal'), date: limits('date'),
  select: [options], multiSelect: [options],
};

/** What is typed as the server takes it; nothing for nothing. */
function meant({ whole, lines }, text) {
  if (lines) return text.split('\n').map((line) => line.trim()).filter(Boolean);
  if (text.trim() === '') return undefined;
  return whole ? Number(text) || 0 : text.trim();
}

/** @param {{value: object, onChange: (rule: object) => void}} props */
export function FieldRuleInput({ value, onChange }) {
  return html`
    <div class="fields group">
      <${Field} field=${typeField} value=${value.type} onChange=${(type) => onChange({ type })} />
      ${settings[value.type]?.map((field) => html`
        <${Setting} key=${value.type + field.name} field=${field} value=${value[field.name]} onChange=${(next) => {
          const { [field.name]: _, ...rest } = value;
          onChange(next === undefined ? rest : { ...rest, [field.name]: next });
        }} />`)}
    </div>`;
}

/** One limit; what is typed stays as it is, what it means goes to the rule. */
function Setting({ field, value, onChange }) {
  const [typed, setTyped] = useState(() => (field.lines ? (value ?? []).join('\n') : String(value ?? '')));
  return html`<${Field} field=${{ ...field, name: `rule-${field.name}` }} value=${typed} onChange=${(next) => {
    setTyped(next);
    onChange(meant(field, next));
  }} />`;
}
