/** Who holds a role: people and programs, by what it holds for. */

const everything = { type: 'tenant' };
const keyOf = ({ type, id }) => (id ? `${type} ${id}` : type);

/**
 * @param {string} role
 * @param {{name: string, grants: {role: string, scope: {type: string, id?: string}}[]}[]} people and programs
 * @returns {{key: string, scope: {type: string, id?: string}, names: string[]}[]} a group for each thing that it is held
 * for, the whole organisation first; each name once
 */
export function holdersOf(role, people) {
  const groups = new Map();
  for (const { name, grants } of people) {
    for (const { scope = everything } of grants.filter((grant) => grant.role === role)) {
      const key = keyOf(scope);
      if (!groups.has(key)) groups.set(key, { key, scope, names: [] });
      const { names } = groups.get(key);
      if (!names.includes(name)) names.push(name);
    }
  }
  return [...groups.values()].sort((a, b) => (b.key === 'tenant') - (a.key === 'tenant'));
}
