import { useEffect, useId, useState } from 'react';
import { CodeBlock } from '../../../ui/text/CodeBlock';
import { useTheme } from '../../../ui/theme';

const MAX_CHARS = 50_000;

/**
 * A diagram that a file describes. Mermaid draws it with its strict rules (no script, no HTML, no click), and what it drew is shown as a picture,
 * in which a browser runs nothing. What it cannot draw is shown as the text that it is.
 */
export function MermaidDiagram({ code }: { code: string }) {
  const id = useId().replace(/[^\w]/g, '');
  const theme = useTheme();
  const resolved = theme === 'system' ? (window.matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light') : theme;
  const [drawn, setDrawn] = useState<{ code: string; theme: string; picture?: string; width?: number }>();
  useEffect(() => {
    if (code.length > MAX_CHARS) return;
    let wanted = true;
    void draw(code, { id: `mermaid-${id}`, theme: resolved }).then((result) => {
      if (wanted) setDrawn({ code, theme: resolved, ...result });
    });
    return () => {
      wanted = false;
    };
  }, [code, id, resolved]);
  const current = drawn?.code === code && drawn.theme === resolved ? drawn : undefined;
  if (current?.picture === undefined) return <CodeBlock className="my-2" code={code} language="mermaid" />;
  return <div className="my-3 overflow-x-auto text-center"><img src={current.picture} alt={`Diagram: ${code.split('\n', 1)[0] ?? ''}`} style={{ width: current.width, maxWidth: '100%' }} className="inline-block" /></div>;
}

/** One at a time: Mermaid measures in the page. */
let queue: Promise<unknown> = Promise.resolve();

function draw(code: string, opts: { id: string; theme: 'light' | 'dark' }): Promise<{ picture?: string; width?: number }> {
  const next = queue.then(() => drawNow(code, opts)).catch(() => ({}));
  queue = next;
  return next;
}

async function drawNow(code: string, { id, theme }: { id: string; theme: 'light' | 'dark' }): Promise<{ picture?: string; width?: number }> {
  const { default: mermaid } = await import('mermaid');
  mermaid.initialize({
    startOnLoad: false, securityLevel: 'strict', htmlLabels: false, flowchart: { htmlLabels: false }, theme: theme === 'dark' ? 'dark' : 'default', maxTextSize: MAX_CHARS, suppressErrorRendering: true, deterministicIds: true,
    // What a diagram may not change by its own directives.
    secure: ['secure', 'securityLevel', 'startOnLoad', 'maxTextSize', 'suppressErrorRendering', 'maxEdges', 'htmlLabels', 'flowchart', 'themeCSS', 'fontFamily', 'dompurifyConfig'],
  });
  const { svg } = await mermaid.render(id, code);
  const parsed = new DOMParser().parseFromString(svg, 'image/svg+xml').documentElement;
  const width = Number.parseFloat(parsed.style.maxWidth);
  const [, , boxWidth = 0, boxHeight = 0] = (parsed.getAttribute('viewBox') ?? '').split(/[\s,]+/).map(Number);
  // A picture needs a size of its own; in the page it had that of its place.
  if (boxWidth > 0) {
    parsed.setAttribute('width', String(boxWidth));
    parsed.setAttribute('height', String(boxHeight));
  }
  return { picture: `data:image/svg+xml;charset=utf-8,${encodeURIComponent(new XMLSerializer().serializeToString(parsed))}`, ...(Number.isFinite(width) ? { width } : boxWidth > 0 ? { width: boxWidth } : {}) };
}
