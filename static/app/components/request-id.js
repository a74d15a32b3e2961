/** A request ID: one click copies it, another leads to what the log tells of it, for those who may read the log. */
import { html } from '../lib/view.js';
import { logPathOf } from '../lib/log-query.js';
import { can, tenantWide } from '../lib/session.js';
import { Copyable } from './copy.js';

/** The administration, also seen from the judges' pages. */
const administration = new URL('../../', import.meta.url).pathname;

/**
 * @param {{id: string, short?: boolean, beside?: boolean}} props `beside`: the log opens beside the page, where something
 * may be half filled in
 */
export function RequestId({ id, short = true, beside = false }) {
  const mayRead = can('logs.read') && tenantWide.value;
  return html`<span class="correlation-id"><${Copyable} text=${id} label="request ID" short=${short} />
    ${mayRead && html`<a href=${`${beside ? administration : ''}#${logPathOf(id)}`} target=${beside ? '_blank' : null}>
      Log<span class="visually-hidden"> of request ${id}${beside && ' (opens in a new tab)'}</span></a>`}</span>`;
}
