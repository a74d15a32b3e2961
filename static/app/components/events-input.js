/** Which events somebody is told of: all of them, all of a noun, or single ones, from the server's catalogue. */
import { html, useRef } from '../lib/view.js';
import { allOf, everything, grouped, shareOf, toggled } from '../lib/event-patterns.js';
import { useResource } from '../lib/resource.js';
import { Badge } from './badge.js';
import { Loaded } from './notice.js';

/** @param {{value: string[], onChange: (patterns: string[]) => void}} props */
export function EventsInput({ value, onChange }) {
  const catalogue = useResource('/event-types', { still: true });
  const before = useRef([]);
  const all = value.includes(everything);
  const toggleAll = () => {
    if (!all) before.current = value;
    onChange(all ? before.current : [everything]);
  };
  return html`
    <${Loaded} state=${catalogue}>${({ items }) => html`
      <div class="event-choice">
        <${Box} checked=${all} onToggle=${toggleAll} title="Everything" code="*" />
        ${!all && grouped(items).map((group) => html`
          <${Group} key=${group.noun} group=${group} value=${value} onToggle=${(one) => onChange(toggled(value, one))} />`)}
      </div>`}<//>`;
}

function Group({ group, value, onToggle }) {
  const { noun, title, types } = group;
  const whole = value.includes(allOf(noun));
  const share = shareOf(value, group);
  return html`
    <details class="event-group">
      <summary>${title}${share && html` <${Badge} tone="accent">${share}<//>`}</summary>
      ${types.length > 1 && html`<${Box} checked=${whole} onToggle=${() => onToggle(allOf(noun))}
        title=${`All about ${title.toLowerCase()}`} code=${allOf(noun)} />`}
      ${types.map(({ type, summary }) => html`
        <${Box} key=${type} checked=${whole || value.includes(type)} disabled=${whole} onToggle=${() => onToggle(type)}
          title=${summary} code=${type} />`)}
    </details>`;
}

function Box({ checked, disabled = false, onToggle, title, code }) {
  return html`
    <label class="check"><input type="checkbox" checked=${checked} disabled=${disabled} onChange=${onToggle} />
      <span>${title} <code>${code}</code></span></label>`;
}
