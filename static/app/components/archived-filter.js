/** A list of what can be archived, and what narrows it as soon as something of it is. */
import { html, useRef, useState } from '../lib/view.js';
import { useList } from '../lib/resource.js';
import { Field } from './field.js';

const field = {
  name: 'archived', label: 'Show', type: 'select', required: true,
  options: [
    { value: '', label: 'All' }, { value: 'false', label: 'Not archived' }, { value: 'true', label: 'Archived' },
  ],
};

/**
 * @param {string} path of the list
 * @returns {object} as of `useList`, with `filter`, to be shown above it, and `none`, to be shown in its place if
 * the filter leaves nothing over
 */
export function useArchivable(path) {
  const [archived, setArchived] = useState('');
  const list = useList(archived ? `${path}?archived=${archived}` : path);
  const any = useRef(false);
  any.current ||= list.data?.some(({ archivedAt }) => archivedAt) ?? false;
  return {
    ...list,
    filter: any.current && html`<div class="toolbar filter">
      <${Field} field=${field} value=${archived} onChange=${setArchived} /></div>`,
    none: archived && html`<p class="muted">${archived === 'true' ? 'None is archived.' : 'All are archived.'}</p>`,
  };
}
