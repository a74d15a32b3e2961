/** What narrows the log: one box for any ID or text, the time, and what the lines have in common. */
import { html, useEffect, useState } from '../lib/view.js';
import { changed, mayBeId, searchedFor, stretches, stretchOf } from '../lib/log-query.js';
import { levelNames, levelWord } from '../lib/log-words.js';
import { go } from '../lib/router.js';
import { operators } from '../lib/session.js';
import { deviceZone, toInstant, toLocal } from '../lib/zoned-time.js';
import { Button } from './button.js';
import { Field } from './field.js';

const searchField = { name: 'search', label: 'Any ID, or text in a line', type: 'text', required: true };
const timeField = {
  name: 'last', label: 'Time', type: 'select', required: true,
  options: [...stretches, { value: 'custom', label: 'From … to …' }],
};
const fromField = { name: 'from', label: 'From', type: 'datetime', required: true };
const untilField = { name: 'until', label: 'Before', type: 'datetime', required: true };

const select = (name, label, any, options) => ({
  name, label, type: 'select', required: true,
  options: (value) => [
    { value: '', label: any }, ...options,
    ...(!value || options.some((option) => option.value === value) ? [] : [{ value, label: value }]),
  ],
});
const choices = [
  select('level', 'Level', 'Any level', levelNames.map((level, index) => ({
    value: level, label: index === 0 ? levelWord(level) : `${levelWord(level)} and worse`,
  }))),
  select('kind', 'Kind', 'Any kind', [
    { value: 'http', label: 'Requests' }, { value: 'job', label: 'Jobs' }, { value: 'delivery', label: 'Deliveries' },
  ]),
  select('status', 'Status', 'Any status', [
    { value: '2xx', label: '2xx Done' }, { value: '3xx', label: '3xx Elsewhere' }, { value: '4xx', label: '4xx Refused' },
    { value: '5xx', label: '5xx Failed' },
  ]),
];

/** What is typed, and asked for only when it is complete. */
const typed = [
  { name: 'minDurationMs', label: 'Slower than, in ms', type: 'integer', required: true },
  { name: 'route', label: 'Route', type: 'text', required: true },
  { name: 'module', label: 'Module', type: 'text', required: true },
  { name: 'userId', label: 'User or judge ID', type: 'text', required: true },
];
const tenantField = { name: 'tenantId', label: 'Tenant ID', type: 'text', required: true };

/** @param {{query: URLSearchParams}} props the query of the page's address */
export function LogFilter({ query }) {
  const fields = operators.value ? [...typed, tenantField] : typed;
  const names = ['search', ...fields.map(({ name }) => name)];
  const stored = Object.fromEntries(names.map((name) => [name, query.get(name) ?? '']));
  const [drafts, setDrafts] = useState(stored);
  useEffect(() => setDrafts(stored), [JSON.stringify(stored)]);
  const narrow = (changes) => go(changed(query, changes), { replace: true });
  const submit = (event) => {
    event.preventDefault();
    const search = searchedFor(drafts.search);
    // An ID is looked for however old it is.
    const wide = search !== stored.search && mayBeId(search);
    narrow({ ...drafts, search, ...(wide && { last: 'all', from: null, until: null }) });
  };
  const stretch = stretchOf(query);
  const chooseTime = (value) => narrow(value === 'custom'
    ? { last: null, from: new Date(Date.now() - 3_600_000).toISOString() }
    : { last: value, from: null, until: null });
  const instant = (field) => html`<${Field} field=${field} value=${toLocal(query.get(field.name), deviceZone)}
    onChange=${(value) => narrow({ [field.name]: toInstant(value, deviceZone) })} />`;
  const draft = (field) => html`<${Field} key=${field.name} field=${field} value=${drafts[field.name]}
    onChange=${(value) => setDrafts({ ...drafts, [field.name]: value })} />`;
  return html`
    <form class="log-filter" role="search" noValidate onSubmit=${submit}>
      <div class="log-search">${draft(searchField)}<${Button} icon="search" kind="primary" type="submit">Find<//></div>
      <div class="log-choices">
        <${Field} field=${timeField} value=${stretch} onChange=${chooseTime} />
        ${stretch === 'custom' && html`${instant(fromField)}${instant(untilField)}`}
        ${choices.map((field) => html`<${Field} key=${field.name} field=${field} value=${query.get(field.name) ?? ''}
          onChange=${(value) => narrow({ [field.name]: value })} />`)}
      </div>
      <details class="disclosure" open=${fields.some(({ name }) => stored[name])}>
        <summary>More to narrow by</summary>
        <div class="log-choices">${fields.map(draft)}<${Button} type="submit">Apply<//></div>
      </details>
    </form>`;
}
