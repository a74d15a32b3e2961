/** The API reference: the server's own OpenAPI document as a page, readable without internet. */
import { html, render, useEffect, useState } from './lib/view.js';
import { Badge } from './components/badge.js';
import { Problem } from './components/notice.js';
import { SearchField } from './components/search.js';

const methods = ['get', 'post', 'put', 'patch', 'delete'];
const tones = { get: 'neutral', post: 'success', put: 'accent', patch: 'accent', delete: 'danger' };

async function load() {
  const response = await fetch('openapi.json');
  if (!response.ok) throw new Error(`The server answered ${response.status}.`);
  return response.json();
}

/** All operations, grouped by their first tag. */
function grouped({ paths }, search) {
  const groups = new Map();
  for (const [path, item] of Object.entries(paths)) {
    for (const method of methods.filter((name) => item[name])) {
      const operation = { path, method, ...item[method] };
      const text = `${method} ${path} ${operation.summary ?? ''} ${operation.operationId ?? ''}`.toLowerCase();
      const tag = operation.tags?.[0] ?? 'other';
      if (text.includes(search.trim().toLowerCase())) groups.set(tag, [...(groups.get(tag) ?? []), operation]);
    }
  }
  return [...groups];
}

/**
 * A schema as a sketch of the JSON it describes. References are followed `depth` levels; what lies deeper is named.
 * @param {object} schema
 * @param {object} document
 * @param {number} depth
 */
function sketch(schema, document, depth = 3) {
  if (!schema || schema === true) return 'anything';
  if (schema.$ref) {
    const name = schema.$ref.split('/').pop();
    return depth > 0 ? sketch(document.components.schemas[name], document, depth - 1) : name;
  }
  const choices = schema.oneOf ?? schema.anyOf;
  if (choices) {
    const known = choices.filter(({ type }) => type !== 'null').map((choice) => sketch(choice, document, depth));
    return known.length === 1 ? known[0] : { oneOf: known };
  }
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return schema.enum.join(' | ');
  if (schema.properties) {
    const members = Object.entries(schema.properties);
    return Object.fromEntries(members.map(([name, member]) => [
      schema.required?.includes(name) ? name : `${name}?`, sketch(member, document, depth),
    ]));
  }
  if (schema.items) return [sketch(schema.items, document, depth)];
  return [[schema.type].flat().join(' | '), schema.format].filter(Boolean).join(', ') || 'anything';
}

function Schema({ content, document }) {
  const [media] = Object.values(content ?? {});
  return media?.schema && html`
    <pre class="schema" tabIndex="0">${JSON.stringify(sketch(media.schema, document), null, 2)}</pre>`;
}

function Operation({ operation, document }) {
  const { method, path, summary, description, parameters = [], requestBody, responses = {} } = operation;
  return html`
    <details class="operation">
      <summary><${Badge} tone=${tones[method]}><span class="method">${method.toUpperCase()}</span><//>
        <code>${path}</code><span>${summary}</span></summary>
      <div class="operation-body">
        ${description && html`<p>${description}</p>`}
        ${operation['x-action'] && html`<p>Needs the permission <code>${operation['x-action']}</code>.</p>`}
        ${parameters.length > 0 && html`<dl class="facts-list">${parameters.map(({ name, in: where, ...rest }) => html`
          <div key=${where + name}><dt><code>${name}</code> in ${where}${rest.required && ', required'}</dt>
            <dd>${rest.description}</dd></div>`)}</dl>`}
        ${requestBody && html`<h3>Body</h3><${Schema} content=${requestBody.content} document=${document} />`}
        ${Object.entries(responses).map(([status, response]) => html`
          <div key=${status}><h3>${status}</h3><p>${response.description}</p>
            ${status < 300 && html`<${Schema} content=${response.content} document=${document} />`}</div>`)}
      </div>
    </details>`;
}

function ApiDocs() {
  const [state, setState] = useState({});
  const [search, setSearch] = useState('');
  useEffect(() => {
    load().then((document) => setState({ document }), (error) => setState({ error }));
  }, []);
  const { document, error } = state;
  if (error) return html`<h1>API</h1><${Problem} error=${error} />`;
  if (!document) return html`<div class="skeleton" aria-busy="true" />`;
  return html`
    <header class="page-heading"><h1>${document.info.title}</h1>
      <p class="page-intro">Version ${document.info.version}. ${document.info.description}
        ${' '}<a href="openapi.json">The OpenAPI document</a> is the same for programs;
        ${' '}<a href="../docs/api">how the API works</a> is told with examples.</p></header>
    <${SearchField} label="Find an operation" value=${search} onChange=${setSearch} />
    ${grouped(document, search).map(([tag, operations]) => html`
      <section key=${tag}><h2>${tag}</h2><div class="operations">${operations.map((operation) => html`
        <${Operation} key=${operation.method + operation.path} operation=${operation} document=${document} />`)}
      </div></section>`)}`;
}

render(html`<${ApiDocs} />`, document.getElementById('app'));
