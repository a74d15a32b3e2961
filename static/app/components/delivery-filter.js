/** What narrows the list of deliveries: state, service, webhook or action, time, and what is searched for. */
import { html, useEffect, useState } from '../lib/view.js';
import { carriers, deliveryStates } from '../lib/delivery-words.js';
import { go } from '../lib/router.js';
import { deviceZone, toInstant, toLocal } from '../lib/zoned-time.js';
import { Button } from './button.js';
import { Field } from './field.js';

const select = (name, label, all, options) => ({
  name, label, type: 'select', required: true, options: [{ value: '', label: all }, ...options],
});

const searchField = {
  name: 'search', label: 'Recipient, template, message ID or correlation ID', type: 'text', required: true,
};
const sinceField = { name: 'since', label: 'Since', type: 'datetime' };
const untilField = { name: 'until', label: 'Before', type: 'datetime' };

/** @param {{query: URLSearchParams, hooks: {id: string, name: string}[]}} props the query of the page's address */
export function DeliveryFilter({ query, hooks }) {
  const chosen = (name) => query.get(name) ?? '';
  const [typed, setTyped] = useState('');
  const searched = chosen('text') || chosen('correlationId');
  useEffect(() => setTyped(searched), [searched]);
  const narrow = (...pairs) => {
    const next = new URLSearchParams(query);
    for (const [name, value] of pairs) {
      if (value) next.set(name, value);
      else next.delete(name);
    }
    go(next.size > 0 ? `/deliveries?${next}` : '/deliveries', { replace: true });
  };
  const options = hooks.map(({ id, name }) => ({ value: id, label: name }));
  const gone = chosen('hook') && !hooks.some(({ id }) => id === chosen('hook'));
  const fields = [
    select('state', 'State', 'Any state', deliveryStates),
    select('service', 'By', 'Any way', carriers),
    select('hook', 'For', 'All of them', gone ? [...options, { value: chosen('hook'), label: 'One that is not there' }]
      : options),
  ];
  const find = (event) => {
    event.preventDefault();
    search(typed.trim());
  };
  const search = (text) => narrow(['text', text], ['correlationId', '']);
  const time = (field) => html`<${Field} field=${field} value=${toLocal(chosen(field.name), deviceZone)}
    onChange=${(value) => narrow([field.name, toInstant(value, deviceZone)])} />`;
  return html`
    <div class="toolbar filter deliveries-filter">${fields.map((field) => html`
      <${Field} key=${field.name} field=${field} value=${chosen(field.name)}
        onChange=${(value) => narrow([field.name, value])} />`)}${time(sinceField)}${time(untilField)}
      <form class="correlation" onSubmit=${find}>
        <${Field} field=${searchField} value=${typed} onChange=${setTyped} />
        <${Button} icon="search" type="submit">Find<//>
        ${searched && html`<${Button} icon="x" onClick=${() => search('')}>All<//>`}
      </form></div>`;
}
