/** One kind of message in one language: its words, how they would look, and back to the built-in text. */
import { html, useEffect, useState } from '../lib/view.js';
import { patch, post } from '../lib/api.js';
import { useResource } from '../lib/resource.js';
import { can } from '../lib/session.js';
import { toast } from '../lib/toasts.js';
import { keptOf, kindLabel, languageLabel, parts, typedOf } from '../lib/wording-words.js';
import { Badge } from '../components/badge.js';
import { Button } from '../components/button.js';
import { DeleteDialog } from '../components/delete-dialog.js';
import { Fields, shownPointers } from '../components/field.js';
import { MessagePreview } from '../components/message-preview.js';
import { Loaded, Notice, Problem } from '../components/notice.js';
import { Page, Section } from '../components/page.js';

const crumbs = [{ label: 'Wording', href: '#/wordings' }];

const fieldsOf = (goesBySms) => [
  { name: 'subject', label: 'Subject', type: 'text', required: true },
  { name: 'text', label: 'Text', type: 'textarea', rows: 14, required: true,
    hint: 'An empty line begins a paragraph. The HTML of the mail is made of it.' },
  goesBySms && { name: 'sms', label: 'Text message', type: 'textarea', required: true,
    hint: 'What goes to telephones.' },
].filter(Boolean);

/** @param {{kind: string, language: string}} props */
export function WordingPage({ kind, language }) {
  const kinds = useResource('/message-texts', { still: true });
  const of = kinds.data?.items.find((found) => found.kind === kind);
  const text = of?.texts.find((found) => found.language.toLowerCase() === language.toLowerCase());
  const own = useResource(text?.own ? `/wordings/${text.own.id}` : null, { still: true });
  const isReady = of && (!text?.own || own.data);
  const title = `${kindLabel(kind)}, ${languageLabel(language)}`;
  const state = {
    data: isReady ? { of, text, own: text?.own ? own.data : null } : undefined,
    error: kinds.error ?? own.error,
    reload: kinds.error ? kinds.reload : own.reload,
  };
  const saved = () => {
    kinds.reload();
    own.reload();
  };
  return html`
    <${Page} title=${title} crumbs=${crumbs}
      badges=${isReady && html`<${Badge} tone=${text?.own ? 'accent' : 'neutral'}>
        ${text?.own ? 'Your own' : 'Built in'}<//>`}>
      <${Loaded} state=${state}>${(data) => html`
        <${Words} key=${`${text?.own?.id} ${text?.own?.version}`} kind=${kind} language=${text?.language ?? language}
          ...${data} onSaved=${saved} onReset=${kinds.reload} />`}<//>
    <//>`;
}

function Words({ kind, language, of, text, own, onSaved, onReset }) {
  const fields = fieldsOf(of.goesBySms);
  const builtIn = text?.builtIn ?? null;
  const [typed, setTyped] = useState(() => typedOf(own, builtIn ?? of.texts[0].builtIn));
  const [look, setLook] = useState(null);
  const [error, setError] = useState(null);
  const [busy, setBusy] = useState(false);
  const [resetting, setResetting] = useState(false);
  const manage = can('wordings.manage');
  const asked = async (ask) => {
    setBusy(true);
    setError(null);
    try {
      await ask();
    } catch (failure) {
      setError(failure);
    }
    setBusy(false);
  };
  const preview = () => asked(async () => {
    const given = Object.fromEntries(Object.entries(keptOf(typed, builtIn)).filter(([, value]) => value !== null));
    setLook(await post('/wordings/preview', { kind, language, ...given }));
  });
  const save = (event) => {
    event.preventDefault();
    const kept = keptOf(typed, builtIn);
    if (!own && parts.every((part) => kept[part] === null)) {
      toast('It is as built in already.');
      return;
    }
    asked(async () => {
      const body = own ? kept : { kind, language, ...kept };
      await (own ? patch(`/wordings/${own.id}`, body, own.version) : post('/wordings', body));
      toast('Your wording is saved. Messages are sent with it from now on.');
      onSaved();
    });
  };
  useEffect(() => {
    if (manage) preview();
  }, []);
  const faults = error?.errors ?? [];
  if (!manage) {
    return html`${parts.filter((part) => typed[part]).map((part) => html`
      <pre key=${part} class="code-text">${typed[part]}</pre>`)}`;
  }
  return html`
    ${!builtIn && html`<${Notice} title="There is no built-in text in this language">
      <p>All parts are needed. The form begins with the English ones.</p><//>`}
    <form noValidate class="wording" onSubmit=${save}>
      <${Problem} error=${error} known=${shownPointers(fields, faults)} />
      <details class="disclosure"><summary>What can stand in it</summary>
        <p>${of.placeholders.map((name) => html`<code key=${name}>${`{{ ${name.split(' ')[0]} }}`}</code>${
          name.slice(name.split(' ')[0].length)} `)}</p>
      </details>
      <${Fields} fields=${fields} values=${typed} onChange=${setTyped} faults=${faults} />
      <div class="actions">
        <${Button} kind="primary" type="submit" busy=${busy}>Save<//>
        <${Button} icon="eye" onClick=${preview}>Show how it looks<//>
        ${own && html`<${Button} icon="undo-2" onClick=${() => setResetting(true)}>
          ${builtIn ? 'Back to the built-in text' : 'Remove this wording'}…<//>`}
      </div>
    </form>
    ${look && html`<${Section} title="How it looks, with made-up names"><${MessagePreview} look=${look} /><//>`}
    ${resetting && html`<${DeleteDialog} what="wording" name="${kindLabel(kind)}, ${languageLabel(language)}"
      path=${`/wordings/${own.id}`} version=${own.version}
      consequence="Messages are sent with the built-in text from then on. Yours goes to the trash."
      onClose=${() => setResetting(false)} onDone=${onReset} onRestored=${onReset} />`}`;
}
