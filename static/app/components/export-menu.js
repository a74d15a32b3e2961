/** Keeps a table as a file: for spreadsheets or for programs. */
import { html, useState } from '../lib/view.js';
import { download } from '../lib/download.js';
import { can } from '../lib/session.js';
import { Dialog } from './dialog.js';
import { Icon } from './icon.js';
import { Menu } from './menu.js';
import { Problem } from './notice.js';

const forms = [
  { format: 'csv', label: 'For spreadsheets (CSV)' },
  { format: 'json', label: 'For programs (JSON)' },
];

/**
 * @param {{
 *   what: 'contestants'|'judges'|'users'|'entries'|'results'|'sheets'|'deliveries', contestId?: string,
 *   categoryId?: string, path?: string, query?: URLSearchParams, needs?: string,
 * }} props which table, and of what; `path` is where it is if not among the exports, `query` what narrows it there, `needs`
 * what one must be allowed to do
 */
export function ExportMenu({
  what, contestId, categoryId, path = `/exports/${what}`, query = [], needs = 'exports.read',
}) {
  const [error, setError] = useState(null);
  if (!can(needs)) return null;
  const run = async (format) => {
    const parameters = new URLSearchParams([...query, ['format', format]]);
    for (const [name, value] of Object.entries({ contestId, categoryId })) if (value) parameters.set(name, value);
    try {
      await download(`${path}?${parameters}`, `${what}.${format}`);
    } catch (failure) {
      setError(failure);
    }
  };
  return html`
    <${Menu} kind="more" summary=${html`<${Icon} name="download" />
      <span>Export<span class="visually-hidden"> ${what}</span></span><${Icon} name="chevron-down" size="s" />`}>
      ${forms.map(({ format, label }) => html`
        <button key=${format} type="button" data-closes onClick=${() => run(format)}>${label}</button>`)}
    <//>
    ${error && html`<${Dialog} title="The table could not be exported" onClose=${() => setError(null)}>
      <${Problem} error=${error} /><//>`}`;
}
