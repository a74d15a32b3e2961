/** Photos of people in lists: the newest of each that is given out. */
import { html } from '../lib/view.js';
import { addressOf } from '../lib/api.js';
import { isOpen } from '../lib/file-words.js';
import { useList, useResource } from '../lib/resource.js';
import { can } from '../lib/session.js';
import { Icon } from './icon.js';

/**
 * @param {'contestant'|'judge'} kind of the people
 * @returns {(person: {id: string, name: string}) => any} the photo of one of them, or a sign in its place; nothing as long
 * as nobody has one
 */
export function usePhotos(kind) {
  const files = useList(can('files.read') ? '/files?purpose=photo' : null, { on: ({ type }) => type === 'file' });
  const settings = useResource(can('files.read') ? '/settings' : null);
  const required = settings.data?.fileScan === 'required';
  const isShown = ({ about, thumbnail, scan }) => about?.kind === kind && thumbnail && isOpen(scan, required);
  const newest = new Map(files.data?.filter(isShown).map(({ id, about }) => [about.id, id]));
  if (newest.size === 0) return () => null;
  return ({ id, name }) => html`<span class="thumbnail">${newest.has(id)
    ? html`<img src=${addressOf(`/files/${newest.get(id)}/thumbnail`)} alt="Photo of ${name}" loading="lazy" />`
    : html`<${Icon} name="circle-user-round" />`}</span>`;
}

/** What is told of somebody, beside their photo. */
export const Portrayed = ({ photo, children }) => (photo
  ? html`<span class="portrayed">${photo}<span>${children}</span></span>` : children);
