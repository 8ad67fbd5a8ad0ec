/** Rows of values as RFC 4180 has them: quotes around what holds separators, line ends or doubled quotes. Stops after `maxRows`. */
export function parseCsv(text: string, separator: string, maxRows: number): { rows: string[][]; more: boolean } {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = '';
  let quoted = false;
  const endRow = (): void => {
    row.push(cell);
    rows.push(row);
    row = [];
    cell = '';
  };
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (quoted) {
      if (character !== '"') cell += character;
      else if (text.charAt(at + 1) === '"') {
        cell += '"';
        at += 1;
      } else quoted = false;
    } else if (character === '"' && cell === '') quoted = true;
    else if (character === separator) {
      row.push(cell);
      cell = '';
    } else if (character === '\n') {
      endRow();
      if (rows.length === maxRows) return { rows, more: at < text.length - 1 };
    } else if (character !== '\r') cell += character;
  }
  if (cell !== '' || row.length > 0) endRow();
  return { rows, more: false };
}
