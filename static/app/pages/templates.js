/** The templates: shapes of events, contests and categories, to be made again. */
import { html, useState } from '../lib/view.js';
import { useList } from '../lib/resource.js';
import { can, tenantWide } from '../lib/session.js';
import { madeBy, shapeOf } from '../lib/templates.js';
import { Button } from '../components/button.js';
import { Empty, Loaded } from '../components/notice.js';
import { Page } from '../components/page.js';
import { RowActions } from '../components/row-actions.js';
import { Table } from '../components/table.js';
import { TemplateDialog } from '../components/template-dialog.js';

export function TemplatesPage() {
  const templates = useList('/templates');
  const [used, setUsed] = useState(null);
  const usable = (kind) => can('events.manage') && (kind !== 'event' || tenantWide.value);
  const columns = [
    { label: 'Name', kind: 'main', cell: ({ name, description }) => html`${name}
      ${description && html`<small>${description}</small>`}` },
    { label: 'Makes', cell: shapeOf },
    { label: 'Use', cell: (template) => usable(madeBy(template)) && html`
      <${Button} icon="plus" onClick=${() => setUsed(template)}>
        New ${madeBy(template)} from this<span class="visually-hidden"> template, ${template.name}</span><//>` },
    can('templates.manage') && { label: 'Actions', kind: 'row-actions', cell: (template) => html`
      <${RowActions} kind="template" resource=${template} onChanged=${templates.reload}
        consequence="The template goes to the trash. What has been made from it stays." />` },
  ].filter(Boolean);
  return html`
    <${Page} title="Templates" intro=${html`<p>Shapes that were kept, to be made again as often as you like.</p>`}>
      <${Loaded} state=${templates}>${(items) => (items.length === 0
        ? html`<${Empty} icon="layout-template" title="No templates yet"
            action=${html`<${Button} kind="primary" href="#/">Go to the events<//>`}>
            On the page of an event, a contest or a category choose “Keep as template” under “More”.<//>`
        : html`<${Table} caption="Templates" columns=${columns} rows=${items} />`)}<//>
      ${used && html`<${TemplateDialog} template=${used} onClose=${() => setUsed(null)} />`}
    <//>`;
}
