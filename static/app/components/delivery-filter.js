/** What narrows the list of deliveries: state, service, webhook or action; or all that belongs to one correlation ID. */
import { html, useEffect, useState } from '../lib/view.js';
import { carriers, deliveryStates } from '../lib/delivery-words.js';
import { go } from '../lib/router.js';
import { Button } from './button.js';
import { Field } from './field.js';

const select = (name, label, all, options) => ({
  name, label, type: 'select', required: true, options: [{ value: '', label: all }, ...options],
});

const correlationField = { name: 'correlation', label: 'Correlation ID', type: 'text', required: true };

/** @param {{query: URLSearchParams, hooks: {id: string, name: string}[]}} props the query of the page's address */
export function DeliveryFilter({ query, hooks }) {
  const chosen = (name) => query.get(name) ?? '';
  const [typed, setTyped] = useState('');
  useEffect(() => setTyped(chosen('correlationId')), [chosen('correlationId')]);
  const narrow = (name, value) => {
    const next = new URLSearchParams(query);
    if (value) next.set(name, value);
    else next.delete(name);
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
    narrow('correlationId', typed.trim());
  };
  return html`
    <div class="toolbar filter deliveries-filter">${fields.map((field) => html`
      <${Field} key=${field.name} field=${field} value=${chosen(field.name)}
        onChange=${(value) => narrow(field.name, value)} />`)}
      <form class="correlation" onSubmit=${find}>
        <${Field} field=${correlationField} value=${typed} onChange=${setTyped} />
        <${Button} icon="search" type="submit">Find<//>
        ${chosen('correlationId') && html`<${Button} icon="x" onClick=${() => narrow('correlationId', '')}>All<//>`}
      </form></div>`;
}
