/** A correlation ID: one click copies it, another leads to all that came of it. */
import { html } from '../lib/view.js';
import { can, tenantWide } from '../lib/session.js';
import { Copyable } from './copy.js';

/** @param {{id: string}} props */
export function Correlation({ id }) {
  const mayFollow = can('correlations.read') && tenantWide.value;
  return html`<span class="correlation-id"><${Copyable} text=${id} label="correlation ID" />
    ${mayFollow && html`<a href="#/correlations/${encodeURIComponent(id)}">Follow<span class="visually-hidden">
      ${' '}${id}</span></a>`}</span>`;
}
