/** What stands in the way of deleting or restoring something, in words for people, with a way out. */
import { capitalised } from './format.js';
import { pageOf } from './kinds.js';

/**
 * @typedef {{title: string, advice?: string, link?: {text: string, href: string}, ancestors?: string}} WayOut
 * `ancestors`: that it can come back together with what it hangs on, as a button says it
 */

/**
 * The way out of one obstacle.
 * @param {{code: string, detail: string, errors?: object[], kind?: string, id?: string, nextFree?: string}} obstacle
 * @param {{first?: {type: string, name: string}|null, holder?: {kind: string, resource: object}|null}} known
 * `first`: what must come back before; `holder`: who has the value now, as far as that was found out
 * @returns {WayOut}
 */
export function wayOut(obstacle, { first = null, holder = null } = {}) {
  const { code, detail, kind, id } = obstacle;
  const title = capitalised(detail);
  const lead = (verb) => ({
    title, link: { text: `${verb} the ${kind} first`, href: pageOf(kind, { id }) },
  });
  if (code === 'parent_deleted') return parentDeleted(first ?? { type: kind });
  if (code === 'taken') return taken(obstacle, holder);
  if (code.endsWith('_locked') || code === 'locked_beneath') return lead('Unlock');
  if (code.endsWith('_archived')) return lead('Unarchive');
  if (code === 'confirmation_required') return { title: 'Submitted sheets would lack a mark for it' };
  if (code === 'last_admin') return { title, link: { text: 'Go to the users', href: '#/users' } };
  if (code === 'too_many') return { title, advice: 'Delete one of the others first.' };
  if (code === 'purging') return { title: 'It is being destroyed for good and cannot come back' };
  return { title };
}

function parentDeleted({ type, name }) {
  const what = name ? `the ${type} “${name}”` : `the ${type} it belongs to`;
  return { title: `${capitalised(what)} is in the trash, too`, ancestors: `Restore together with ${what}` };
}

/** How a value is named with whoever has it now, and what could be done, by the field that is taken. */
const claims = {
  '/number': ({ number, contestantName }) => [`Number ${number} now belongs to ${contestantName}`,
    'Give one of them another number, or leave this one here.'],
  '/contestantId': ({ number, contestantName }) => [`${contestantName} takes part already, as number ${number}`,
    'Delete that entry first, or leave this one here.'],
  '/email': ({ email, name }) => [`The address ${email} now belongs to ${name}`,
    'Give one of them another address, or leave this one here.'],
  '/slug': ({ slug, name }) => [`The short name ${slug} now belongs to ${name}`,
    'Give that one another short name, or leave this one here.'],
  '/judgeId': ({ judgeName }) => [`${judgeName} judges here already`, 'Delete that assignment first, or leave this one here.'],
  '/userId': ({ name }) => [`The account now belongs to the judge ${name}`,
    'Give that judge another account first, or leave this one here.'],
};

function taken({ detail, errors = [], nextFree }, holder) {
  const [{ pointer, message } = {}] = errors;
  const claim = holder && claims[pointer]?.(holder.resource);
  const free = nextFree ? ` ${nextFree} is free.` : '';
  if (!claim) return { title: capitalised(message ?? detail), advice: `Change the one that has it first.${free}` };
  const [title, advice] = claim;
  const { deletedAt, hiddenBy } = holder.resource;
  const href = pageOf(holder.kind, holder.resource);
  const seen = !deletedAt && !hiddenBy;
  return {
    title: seen ? title : `${title}, which is out of sight because its ${hiddenBy?.type ?? 'place'} is deleted`,
    advice: `${advice}${free}`,
    ...(seen && href && { link: { text: `Go to the ${holder.kind}`, href } }),
  };
}
