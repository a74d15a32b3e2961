/** What an import says: what columns can hold, and what is wrong with which row, in words. */
import { capitalised, sentence } from './format.js';

/** What a column can hold, in words. */
export const contents = {
  name: 'Name', firstName: 'First name', lastName: 'Last name', email: 'E-mail', roles: 'Roles', form: 'Kind',
  description: 'Description', number: 'Number', position: 'Order', pronouns: 'Pronouns', bio: 'Bio for the stage',
  contactEmail: 'E-mail', contactPhone: 'Telephone', members: 'Team members', eligible: 'Can be placed',
  judge: 'Judge', contestant: 'Contestant', reason: 'How they are connected',
};

const names = ['name', 'firstName', 'lastName'];
const person = ['pronouns', 'description', 'bio', 'contactEmail', 'contactPhone'];
const contestant = ['form', ...person, 'members'];

/**
 * What can be imported: what people call it, what the columns of its table can hold, and whose custom fields beside.
 */
export const imports = {
  contestants: { one: 'contestant', holds: [...names, ...contestant], entity: 'contestant' },
  judges: { one: 'judge', holds: [...names, ...person], entity: 'judge' },
  users: { one: 'user', holds: [...names, 'email', 'roles'] },
  entries: {
    one: 'entry', many: 'entries', holds: [...names, 'number', 'position', 'eligible', ...contestant], entity: 'entry',
  },
  conflicts: { one: 'conflict', holds: ['judge', 'contestant', 'reason'] },
};

/**
 * What the columns of a table can hold, each with what people call it.
 * @param {string} what
 * @param {{entity: string, key: string, label: string}[]} fields the custom fields
 * @returns {[string, string][]}
 */
export function choices(what, fields) {
  const { holds, entity } = imports[what];
  const custom = fields.filter((field) => field.entity === entity).map(({ key, label }) => [`custom.${key}`, label]);
  return [...holds.map((column) => [column, contents[column]]), ...custom];
}

const place = /^\/rows\/(\d+)(?:\/body)?(?:\/custom)?(?:\/([\w-]+))?/;

/** One fault in words; the cell it lies in comes first, and a code of the server's is left to programs. */
function inWords(field, message) {
  if (!field) return sentence(message.replace(/^[a-z_]+: /, ''));
  return `${contents[field] ?? capitalised(field)}: ${sentence(message)}`;
}

/**
 * Sorts faults by their rows.
 * @param {{pointer: string, message: string}[]} errors of a problem or a job
 * @returns {{rows: Map<number, string>, rest: {pointer: string, message: string}[]}} `rest` are of no row
 */
export function byRow(errors) {
  const rows = new Map();
  const rest = [];
  for (const error of errors) {
    const [, row, field] = place.exec(error.pointer) ?? [];
    if (row === undefined) rest.push(error);
    else rows.set(Number(row), [rows.get(Number(row)), inWords(field, error.message)].filter(Boolean).join(' '));
  }
  return { rows, rest };
}

/** The faults of the rows that a rehearsal could not make. */
export function failures(failed) {
  return byRow(failed.flatMap(({ row, problem: { detail, errors } }) => (errors.length > 0
    ? errors.map(({ pointer, message }) => ({ pointer: `/rows/${row}${pointer}`, message }))
    : [{ pointer: `/rows/${row}`, message: detail }]))).rows;
}

/** What a row holds, short enough to know it again. */
export function gist(cells = []) {
  const text = cells.map((cell) => cell.trim()).filter(Boolean).join(' · ');
  return text.length > 120 ? `${text.slice(0, 119)}…` : text;
}
