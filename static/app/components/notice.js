/** Notices within a page: what went wrong, what to know. */
import { html } from '../lib/view.js';
import { sentence } from '../lib/format.js';
import { Button } from './button.js';
import { Icon } from './icon.js';
import { RequestId } from './request-id.js';

/** The document with a section for each code of the server. */
const explanations = new URL('../../docs/problems', import.meta.url).pathname;

const icons = { danger: 'circle-alert', warning: 'triangle-alert', info: 'info', success: 'circle-check' };

/** @param {{tone?: 'danger'|'warning'|'info'|'success', title: any, role?: string}} props */
export function Notice({ tone = 'info', title, role, children }) {
  return html`
    <div class="notice ${tone}" role=${role}>
      <${Icon} name=${icons[tone]} />
      <div class="notice-text"><p class="notice-title">${title}</p>${children}</div>
    </div>`;
}

/**
 * An error with the ID under which the server logged it, and a way to what its code means. That opens beside the page,
 * where something may be half filled in.
 * @param {{error: Error|null, onRetry?: () => void, known?: string[]}} props pointers that a field already shows
 */
export function Problem({ error, onRetry, known = [], children }) {
  if (!error) return null;
  const faults = error.errors ?? [];
  const rest = faults.filter(({ pointer }) => !known.includes(pointer));
  const allShown = faults.length > 0 && rest.length === 0;
  const title = allShown ? 'Please check the marked fields' : error.title ?? 'Something went wrong on this page';
  return html`
    <${Notice} tone="danger" role="alert" title=${title}>
      ${!allShown && error.message !== error.title && html`<p>${sentence(error.message)}</p>`}
      ${rest.length > 0 && html`<ul>${rest.map(({ message, pointer }) => html`
        <li>${sentence(message)}${pointer && html` <code>${pointer}</code>`}</li>`)}</ul>`}
      ${children}
      ${error.requestId && html`<p class="notice-meta">Request <${RequestId} id=${error.requestId}
        short=${false} beside /></p>`}
      ${error.problem?.type && html`<p class="notice-meta"><a href=${`${explanations}#${error.code}`} target="_blank">
        What <code>${error.code}</code> means<span class="visually-hidden"> (opens in a new tab)</span></a></p>`}
      ${onRetry && html`<${Button} icon="refresh-cw" onClick=${onRetry}>Try again<//>`}
    <//>`;
}

/** What stands where a list is still empty: what it is for and what to do next. */
export function Empty({ icon = 'inbox', title, children, action }) {
  return html`
    <div class="empty">
      <div class="empty-icon"><${Icon} name=${icon} size="l" /></div>
      <h3>${title}</h3>
      <p>${children}</p>
      ${action}
    </div>`;
}

/**
 * Shows one of: loading, the error, or the content.
 * @param {{state: {data: any, error: Error|null, loading: boolean, reload: () => void}}} props the content is a
 * function of the data
 */
export function Loaded({ state, children }) {
  if (state.data === undefined) {
    return state.error
      ? html`<${Problem} error=${state.error} onRetry=${state.reload} />`
      : html`<div class="skeleton" aria-busy="true"><span class="visually-hidden">Loading</span></div>`;
  }
  return html`
    ${state.error && html`<${Problem} error=${state.error} onRetry=${state.reload}>
      <p>What you see may be out of date.</p><//>`}
    ${children(state.data)}`;
}
