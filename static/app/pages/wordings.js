/** How messages to people are worded: every kind in every language, as built in or by the organisation itself. */
import { html, useState } from '../lib/view.js';
import { useResource } from '../lib/resource.js';
import { go } from '../lib/router.js';
import { can } from '../lib/session.js';
import { kindLabel, languageLabel, messageKinds } from '../lib/wording-words.js';
import { Badge } from '../components/badge.js';
import { Button } from '../components/button.js';
import { Field } from '../components/field.js';
import { Loaded } from '../components/notice.js';
import { Page, Section } from '../components/page.js';
import { Table } from '../components/table.js';

const ofWordings = { on: ({ type }) => type === 'wording' };

const keyOf = ({ kind, language }) => `${kind} ${language}`;

export function WordingsPage() {
  const kinds = useResource('/message-texts', ofWordings);
  const rows = (items) => items.flatMap(({ kind, texts }) => texts.map((text) => ({ ...text, kind })));
  const columns = [
    { label: 'Message', kind: 'main', cell: ({ kind, language }) => html`
      <a href="#/wordings/${kind}/${language}" aria-label="${kindLabel(kind)}, ${languageLabel(language)}">
        ${kindLabel(kind)}</a>` },
    { label: 'Language', cell: ({ language }) => languageLabel(language) },
    { label: 'Wording', cell: ({ own }) => (own ? html`<${Badge} tone="accent">Your own<//>` : 'Built in') },
  ];
  return html`
    <${Page} title="Wording" intro=${html`<p>What invitations, results and other messages say. Your own words can take
      the place of those that come with the program, part by part.</p>`}>
      <${Loaded} state=${kinds}>${({ items }) => html`
        <${Table} caption="Messages" columns=${columns} rows=${rows(items)} rowKey=${keyOf} />`}<//>
      ${can('wordings.manage') && html`<${Section} title="Another language"><${AnotherLanguage} /><//>`}
    <//>`;
}

const kindField = { name: 'kind', label: 'Message', type: 'select', required: true, options: messageKinds };
const languageField = {
  name: 'language', label: 'Language', type: 'text', required: true, hint: 'A code such as fr or de-AT.',
};

function AnotherLanguage() {
  const [kind, setKind] = useState('invitation');
  const [language, setLanguage] = useState('');
  const open = (event) => {
    event.preventDefault();
    if (language.trim()) go(`/wordings/${kind}/${encodeURIComponent(language.trim())}`);
  };
  return html`
    <form class="toolbar filter" onSubmit=${open}>
      <${Field} field=${kindField} value=${kind} onChange=${setKind} />
      <${Field} field=${languageField} value=${language} onChange=${setLanguage} />
      <${Button} icon="pencil" type="submit">Word it<//>
    </form>`;
}
