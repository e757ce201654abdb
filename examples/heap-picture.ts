/** Two pictures of a heap: a map of characters for the terminal, and an SVG. */
import type { HeapBlock } from 'mapfile';

const SHADES = [' ', '░', '▒', '▓', '█'];

/** `rows` lines of `columns` cells, front of the heap first: the fuller, the darker; ◆ holds a pinned block. */
export function heapMap(blocks: readonly HeapBlock[], columns: number, rows: number): string {
  const end = blocks.at(-1);
  const total = end ? end.byteOffset + end.byteLength : 1;
  const cells = columns * rows;
  const used = new Float64Array(cells);
  const pinned = new Set<number>();
  for (const { byteOffset, byteLength, handle, pinned: isPinned } of blocks) {
    if (handle === undefined) continue;
    const from = (byteOffset / total) * cells;
    const to = ((byteOffset + byteLength) / total) * cells;
    for (let cell = Math.floor(from); cell < to && cell < cells; cell++) {
      used[cell]! += Math.min(to, cell + 1) - Math.max(from, cell);
      if (isPinned) pinned.add(cell);
    }
  }
  const shade = (cell: number) => {
    if (pinned.has(cell)) return '◆';
    const share = used[cell]!;
    return share === 0 ? ' ' : SHADES[Math.min(4, 1 + Math.floor(share * 3.999))]!;
  };
  const line = (row: number) => Array.from({ length: columns }, (_, column) => shade(row * columns + column)).join('');
  const border = '─'.repeat(columns);
  return [`┌${border}┐`, ...Array.from({ length: rows }, (_, row) => `│${line(row)}│`), `└${border}┘`].join('\n');
}

/** One panel for each state of the heap: every block a bar, coloured by who owns it; pinned ones dark. */
export function heapSvg(panels: readonly { readonly title: string; readonly blocks: readonly HeapBlock[] }[]): string {
  const [margin, width, rowHeight, rows, caption] = [16, 960, 14, 8, 30];
  const panelHeight = rows * rowHeight + caption;
  const height = panels.length * panelHeight + margin;
  const parts: string[] = [`<rect width="${width + 2 * margin}" height="${height}" fill="#fff"/>`];
  panels.forEach(({ title, blocks }, number) => {
    const end = blocks.at(-1);
    const perRow = Math.max(1, (end ? end.byteOffset + end.byteLength : 1) / rows);
    const top = number * panelHeight + caption;
    parts.push(`<text x="${margin}" y="${top - 8}">${escaped(title)}</text>`);
    parts.push(`<rect x="${margin}" y="${top}" width="${width}" height="${rows * rowHeight}" fill="#ececea"/>`);
    const bars = new Map<string, string>();
    for (const { byteOffset, byteLength, handle, owner = 0, pinned } of blocks) {
      if (handle === undefined) continue;
      const colour = pinned ? '#111' : `hsl(${(owner * 67) % 360} 55% 60%)`;
      // A block that runs over the end of a row is drawn in parts.
      for (let at = byteOffset; at < byteOffset + byteLength; ) {
        const row = Math.floor(at / perRow);
        const stop = Math.min(byteOffset + byteLength, (row + 1) * perRow);
        const x = margin + ((at - row * perRow) / perRow) * width;
        const bar = Math.max(0.2, ((stop - at) / perRow) * width - 0.3);
        const y = top + (row + 0.5) * rowHeight;
        bars.set(colour, `${bars.get(colour) ?? ''}M${x.toFixed(1)} ${y}h${bar.toFixed(1)}`);
        at = stop > at ? stop : byteOffset + byteLength;
      }
    }
    for (const [colour, path] of bars)
      parts.push(`<path d="${path}" stroke="${colour}" stroke-width="${rowHeight - 1}"/>`);
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width + 2 * margin} ${height}" font-family="sans-serif" font-size="13">`,
    '<title>A heap</title>',
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}

const escaped = (text: string) => text.replace(/[&<>]/g, (c) => `&#${c.charCodeAt(0)};`);
