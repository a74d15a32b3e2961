/** The roles of an account, each for the whole tenant or for one event. */
import { html } from '../lib/view.js';
import { words } from '../lib/format.js';
import { useList } from '../lib/resource.js';
import { isTenantWide, newGrant, roles } from '../lib/roles.js';
import { can } from '../lib/session.js';
import { Button, IconButton } from './button.js';

/** @param {{value: {role: string, scope: object}[], onChange: (grants: object[]) => void}} props */
export function GrantsInput({ value, onChange }) {
  const events = useList(can('events.read') ? '/events' : null);
  const change = (index, grant) => onChange(value.map((old, at) => (at === index ? grant : old)));
  const changeRole = (index, role) => {
    const scope = isTenantWide(role) ? { type: 'tenant' } : value[index].scope;
    change(index, { role, scope });
  };
  const scopes = (events.data ?? []).map(({ id, name }) => ({ scope: { type: 'event', id }, label: name }));
  return html`
    <ul class="rows">
      ${value.map((grant, index) => html`
        <li key=${index}>
          <select aria-label="Role ${index + 1}" value=${grant.role}
            onChange=${(e) => changeRole(index, e.target.value)}>
            ${!roles().some(([role]) => role === grant.role) && html`
              <option value=${grant.role} selected>${words(grant.role)}</option>`}
            ${roles().map(([role, does]) => html`
              <option key=${role} value=${role} selected=${role === grant.role}>${words(role)}: ${does}</option>`)}
          </select>
          <select aria-label="Role ${index + 1} holds for" disabled=${isTenantWide(grant.role)}
            onChange=${(e) => change(index, { ...grant, scope: JSON.parse(e.target.value) })}>
            ${choices(scopes, grant.scope).map(({ scope, label }) => html`
              <option key=${JSON.stringify(scope)} value=${JSON.stringify(scope)}
                selected=${JSON.stringify(scope) === JSON.stringify(grant.scope)}>${label}</option>`)}
          </select>
          <${IconButton} icon="x" label="Remove role ${index + 1}"
            onClick=${() => onChange(value.filter((_, at) => at !== index))} />
        </li>`)}
    </ul>
    <${Button} icon="plus" onClick=${() => onChange([...value, newGrant('JUDGE')])}>Add a role<//>`;
}

/** The tenant, its events, and a contest if the grant already names one. */
function choices(events, current) {
  const all = [{ scope: { type: 'tenant' }, label: 'Everything' }, ...events];
  const known = all.some(({ scope }) => JSON.stringify(scope) === JSON.stringify(current));
  return known ? all : [...all, { scope: current, label: `One ${current.type}` }];
}
