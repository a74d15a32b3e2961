/** What decides between equal totals: an ordered list of rules. */
import { html } from '../lib/view.js';
import { tieBreaks } from '../lib/methods.js';
import { Button, IconButton } from './button.js';

/** @param {{value: {type: string}[], onChange: Function, context?: {criteria: object[]}}} props */
export function TieBreaksInput({ value, onChange, context }) {
  const criteria = context?.criteria ?? [];
  const types = Object.entries(tieBreaks).filter(([type]) => type !== 'criterion' || criteria.length > 0);
  const change = (index, rule) => onChange(value.map((old, at) => (at === index ? rule : old)));
  const ruleOf = (type) => (type === 'criterion' ? { type, criterionId: criteria[0].id } : { type });
  return html`
    ${value.length === 0 && html`<p class="field-hint">Without a rule, equals share the place.</p>`}
    <ol class="rows">
      ${value.map((rule, index) => html`
        <li key=${index}>
          <select aria-label="Tie-break ${index + 1}" value=${rule.type}
            onChange=${(e) => change(index, ruleOf(e.target.value))}>
            ${types.map(([type, label]) => html`
              <option key=${type} value=${type} selected=${type === rule.type}>${label}</option>`)}
          </select>
          ${rule.type === 'criterion' && html`
            <select aria-label="Criterion of tie-break ${index + 1}" value=${rule.criterionId}
              onChange=${(e) => change(index, { ...rule, criterionId: e.target.value })}>
              ${criteria.map(({ id, name }) => html`
                <option key=${id} value=${id} selected=${id === rule.criterionId}>${name}</option>`)}
            </select>`}
          <${IconButton} icon="x" label="Remove tie-break ${index + 1}"
            onClick=${() => onChange(value.filter((_, at) => at !== index))} />
        </li>`)}
    </ol>
    <${Button} icon="plus" onClick=${() => onChange([...value, ruleOf('countback')])}>Add a tie-break<//>`;
}
