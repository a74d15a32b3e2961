/** Tables as spreadsheets save them: from bytes to text, and from text to headings and rows, as the server reads them. */

/**
 * The text of a file. Spreadsheets write UTF-8, UTF-16 (“Unicode text”) or, still often, Windows-1252. Text that is no
 * UTF-8 is the latter: bytes of accented letters alone never make valid UTF-8.
 * @param {Uint8Array} bytes
 * @returns {string|null} null for what is no text, such as a workbook that was not saved as CSV
 */
export function decoded(bytes) {
  const read = (encoding, fatal = false) => new TextDecoder(encoding, { fatal }).decode(bytes);
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return read('utf-16le');
  if (bytes.includes(0)) return null;
  try {
    return read('utf-8', true);
  } catch {
    return read('windows-1252');
  }
}

/** Whichever of the usual separators the first line has most of; the comma if they are as frequent. */
function separatorOf(text) {
  const heading = text.split(/\r?\n|\r/, 1)[0];
  const frequency = (separator) => heading.split(separator).length;
  return [',', ';', '\t'].reduce((best, other) => (frequency(other) > frequency(best) ? other : best));
}

/** Every line of cells. Within quotation marks a cell may hold anything, with the marks themselves doubled. */
function linesOf(text, separator) {
  const lines = [[]];
  let cell = '';
  let quoted = false;
  const end = () => {
    lines.at(-1).push(cell);
    cell = '';
  };
  for (let at = 0; at < text.length; at += 1) {
    const sign = text[at];
    if (quoted) {
      if (sign !== '"') cell += sign;
      else if (text[at + 1] === '"') {
        cell += sign;
        at += 1;
      } else quoted = false;
    } else if (sign === '"' && cell === '') quoted = true;
    else if (sign === separator) end();
    else if (sign === '\n' || sign === '\r') {
      if (sign === '\r' && text[at + 1] === '\n') at += 1;
      end();
      lines.push([]);
    } else cell += sign;
  }
  end();
  return lines;
}

/**
 * A table with its headings. Rows without any content do not count, so that a row has the number the server gives it.
 * @param {string} text
 * @returns {{headings: string[], rows: string[][]}}
 */
export function tableOf(text) {
  const plain = text.replace(/^\uFEFF/, '');
  const filled = linesOf(plain, separatorOf(plain)).filter((cells) => cells.some((cell) => cell.trim()));
  const [headings = [], ...rows] = filled;
  return { headings: headings.map((heading) => heading.trim()), rows };
}
