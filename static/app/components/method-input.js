/** How marks become places: the scoring method of a category and its settings. */
import { html, useState } from '../lib/view.js';
import { methods, roundingModes, roundingPoints } from '../lib/methods.js';
import { Field } from './field.js';

const typeField = {
  name: 'type', label: 'Method', type: 'select', required: true,
  options: Object.entries(methods).map(([value, { label }]) => ({ value, label })),
};

const at = (value, [first, ...rest]) => (rest.length === 0 ? value?.[first] : at(value?.[first], rest));
const put = (value, [first, ...rest], setting) => ({
  ...value, [first]: rest.length === 0 ? setting : put(value?.[first] ?? {}, rest, setting),
});

/** @param {{value: object, onChange: (method: object) => void}} props settings it does not show are kept */
export function MethodInput({ value, onChange }) {
  const method = methods[value.type];
  return html`
    <div class="fields group">
      <${Field} field=${{ ...typeField, hint: method?.explanation }} value=${value.type}
        onChange=${(type) => onChange({ type })} />
      ${method?.settings.map((setting) => html`
        <${Setting} key=${value.type + setting.path} setting=${setting} value=${at(value, setting.path)}
          onChange=${(next) => onChange(put(value, setting.path, next))} />`)}
      ${method?.rounds && html`<${Rounding} value=${value.rounding ?? {}} per=${value.dropPer}
        onChange=${(rounding) => onChange({ ...value, rounding })} />`}
    </div>`;
}

/** One setting; what is typed stays as it is, what it means goes to the method. */
function Setting({ setting, value, onChange }) {
  const [text, setText] = useState(() => (setting.list ? (value ?? []).join(', ') : String(value ?? setting.initial)));
  const field = { ...setting, name: setting.path.join('-') };
  if (setting.type === 'checkbox') {
    return html`<${Field} field=${field} value=${value ?? setting.initial} onChange=${onChange} />`;
  }
  const change = (next) => {
    setText(next);
    if (setting.list) {
      const items = next.split(/[,;\s]+/).filter(Boolean);
      onChange(items.length > 0 ? items : null);
    } else {
      onChange(setting.type === 'integer' ? Number(next) || 0 : next);
    }
  };
  return html`<${Field} field=${field} value=${text} onChange=${change} />`;
}

/** Where the numbers are rounded on their way from marks to the total; the place follows the rounded number. */
function Rounding({ value, per, onChange }) {
  const change = (point, rule) => onChange({ ...value, [point]: rule });
  return html`
    <details class="disclosure"><summary>Rounding</summary>
      <ul class="rows">${roundingPoints(per).map(([point, label]) => {
        const rule = value[point];
        return html`
          <li key=${point}><span>${label}</span>
            <select aria-label="Digits: ${label}" onChange=${(e) => change(point, e.target.value === '' ? null
              : { mode: rule?.mode ?? 'halfUp', digits: Number(e.target.value) })}>
              <option value="" selected=${!rule}>Not rounded</option>
              ${[0, 1, 2, 3, 4, 5, 6].map((digits) => html`
                <option key=${digits} value=${digits} selected=${rule?.digits === digits}>${digits} digits</option>`)}
            </select>
            ${rule && html`
              <select aria-label="Way of rounding: ${label}" value=${rule.mode}
                onChange=${(e) => change(point, { ...rule, mode: e.target.value })}>
                ${Object.entries(roundingModes).map(([mode, way]) => html`
                  <option key=${mode} value=${mode} selected=${mode === rule.mode}>${way}</option>`)}
              </select>`}
          </li>`;
      })}</ul>
    </details>`;
}
