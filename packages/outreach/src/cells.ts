/**
 * One line of CSV. A cell that a spreadsheet would take for a formula gets an apostrophe before it (CWE-1236): `=`, `+`, `-`,
 * `@`, tab and carriage return; a plain number keeps its sign.
 */
export function csvLine(cells: readonly (string | number)[]): string {
  return `${cells.map((cell) => quoted(typeof cell === 'number' ? String(cell) : plain(cell))).join(',')}\r\n`
}

function plain(cell: string): string {
  return /^[=+\-@\t\r＝＋－＠]/.test(cell) && !/^[+-]?\d+(\.\d+)?$/.test(cell) ? `'${cell}` : cell
}

function quoted(cell: string): string {
  return /[",;\r\n\t]/.test(cell) || cell.startsWith("'") ? `"${cell.replaceAll('"', '""')}"` : cell
}
