/** Members of a team as lines of text: a name, and behind a comma what they do. */

/** @param {{name: string, role?: string}[]} members */
export function textOf(members) {
  return members.map(({ name, role }) => (role ? `${name}, ${role}` : name)).join('\n');
}

/**
 * Blank lines say nothing; of several commas the first one parts.
 * @param {string} text
 * @returns {{name: string, role?: string}[]}
 */
export function membersOf(text) {
  return text.split('\n').map((line) => line.trim()).filter(Boolean).map((line) => {
    const [name, ...rest] = line.split(',');
    const role = rest.join(',').trim();
    return role ? { name: name.trim(), role } : { name: name.trim() };
  });
}
