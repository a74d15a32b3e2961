/** Tells what stands in the way of deleting or restoring something, and leads to the way out. */
import { html } from '../lib/view.js';
import { sentence } from '../lib/format.js';
import { nouns } from '../lib/nouns.js';
import { wayOut } from '../lib/obstacles.js';
import { useResource } from '../lib/resource.js';
import { Button } from './button.js';
import { Notice } from './notice.js';

/**
 * @param {{obstacle: object, kind: string, first?: object|null, tone?: string, onAncestors?: () => void,
 *   plain?: boolean, role?: string}} props `kind` is that of what cannot be deleted or restored, `first` what must come back before it;
 * with `onAncestors` both can come back together; `plain` is for a line in a list
 */
export function Obstacle({ obstacle, kind, first, tone = 'warning', onAncestors, plain = false, role }) {
  // Whoever has the value is of the same kind, and may be out of sight.
  const held = obstacle.holder && nouns[kind] ? `${nouns[kind].item(obstacle.holder)}?includeDeleted=true` : null;
  const holder = useResource(held, { still: true });
  const { title, advice, link, ancestors } = wayOut(obstacle, {
    first, holder: holder.data && { kind, resource: holder.data },
  });
  const out = html`
    ${link && html`<a href=${link.href}>${link.text}</a>`}
    ${ancestors && onAncestors && html`<${Button} icon="rotate-ccw" onClick=${onAncestors}>${ancestors}<//>`}`;
  if (plain) return html`<span>${sentence(title)} ${advice} ${out}</span>`;
  return html`<${Notice} tone=${tone} role=${role} title=${title}>${advice && html`<p>${advice}</p>`}${out}<//>`;
}
