import { useNavigate } from '@tanstack/react-router';
import { isValidElement, useContext, useEffect, useMemo, useRef, type ReactNode } from 'react';
import ReactMarkdown, { defaultUrlTransform, type Components } from 'react-markdown';
import rehypeRaw from 'rehype-raw';
import rehypeSanitize from 'rehype-sanitize';
import remarkGfm from 'remark-gfm';
import { linkReferences } from '../../../ui/text/linkReferences';
import { MARKDOWN_COMPONENTS, textOf } from '../../../ui/text/Markdown';
import { MarkdownScopeContext } from '../../../ui/text/markdownScope';
import { codeHref, folderOf, rawHref, resolvePath } from '../codeAddress';
import { ID_PREFIX, MARKDOWN_SCHEMA } from './markdownSchema';
import { MermaidDiagram } from './MermaidDiagram';
import { rehypeHeadingIds } from './rehypeHeadingIds';
import { remarkAlerts } from './remarkAlerts';

export interface FileMarkdownProps {
  text: string;
  /** The file, at the ref that is shown: relative links and pictures lead to its neighbours at the same ref. */
  place: { org: string; repo: string; ref: string; path: string };
}

/**
 * A Markdown file of a repository as it reads: GFM, footnotes, alerts, diagrams, heading links, and the harmless part of HTML. Whoever pushes
 * writes it, so it passes one sanitizer behind everything that makes elements, and pictures of other hosts are not loaded.
 */
export function FileMarkdown({ text, place }: FileMarkdownProps) {
  const { org, repo, ref, path } = place;
  const { linkOf } = useContext(MarkdownScopeContext);
  const navigate = useNavigate();
  const box = useRef<HTMLDivElement>(null);
  const plugins = useMemo(() => [remarkGfm, remarkAlerts, ...(linkOf === undefined ? [] : [linkReferences(linkOf)])], [linkOf]);
  useEffect(() => {
    const target = decodeHash(window.location.hash);
    if (target !== '' && !/^L\d/.test(target)) box.current?.querySelector(`[id="${CSS.escape(ID_PREFIX + target)}"]`)?.scrollIntoView();
  }, [text]);
  const resolve = (url: string, key: string): string => {
    const safe = defaultUrlTransform(url);
    if (safe === '' || /^([a-z][a-z0-9+.-]*:|#|\/\/)/i.test(safe)) return safe;
    const hash = /#.*$/.exec(safe)?.[0] ?? '';
    const target = resolvePath(folderOf(path), safe);
    if (target === undefined) return '';
    if (key === 'src') return rawHref({ org, repo, ref, path: target });
    return `${codeHref({ org, repo, ref, path: target, type: target === '' || /\/[?#]?$/.test(safe) ? 'tree' : 'blob' })}${hash}`;
  };
  return (
    <div
      ref={box}
      className="k-prose k-file-prose min-w-0 break-words"
      onClick={(event) => {
        const link = event.target instanceof Element ? event.target.closest('a') : null;
        const href = link?.getAttribute('href') ?? '';
        if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
        if (href.startsWith('#')) {
          event.preventDefault();
          box.current?.querySelector(`[id="${CSS.escape(ID_PREFIX + decodeHash(href))}"]`)?.scrollIntoView();
          void navigate({ to: '.', search: true, hash: href.slice(1), replace: true, resetScroll: false, hashScrollIntoView: false });
        } else if (href.startsWith('/o/')) {
          event.preventDefault();
          void navigate({ href });
        }
      }}
    >
      <ReactMarkdown
        remarkPlugins={plugins}
        // The sanitizer is the last: nothing after it makes elements.
        rehypePlugins={REHYPE_PLUGINS}
        // It puts its prefix in front of every id; footnotes must not bring their own.
        remarkRehypeOptions={REHYPE_OPTIONS}
        components={COMPONENTS}
        urlTransform={resolve}
      >
        {text}
      </ReactMarkdown>
    </div>
  );
}

const REHYPE_PLUGINS: NonNullable<Parameters<typeof ReactMarkdown>[0]['rehypePlugins']> = [rehypeRaw, rehypeHeadingIds, [rehypeSanitize, MARKDOWN_SCHEMA]];
const REHYPE_OPTIONS = { clobberPrefix: '' };

function heading(Tag: 'h1' | 'h2' | 'h3' | 'h4' | 'h5' | 'h6') {
  return function Heading({ id, children }: { id?: string; children?: ReactNode }) {
    const anchor = id?.startsWith(ID_PREFIX) === true ? id.slice(ID_PREFIX.length) : undefined;
    return (
      <Tag id={id} className="group scroll-mt-14">
        {children}
        {anchor !== undefined && anchor !== '' && <a href={`#${anchor}`} aria-label={`Link to “${textOf(children)}”`} className="ml-1.5 text-subtle no-underline! opacity-0 group-hover:opacity-100 focus-visible:opacity-100">#</a>}
      </Tag>
    );
  };
}

const COMPONENTS: Components = {
  ...MARKDOWN_COMPONENTS,
  h1: heading('h1'), h2: heading('h2'), h3: heading('h3'), h4: heading('h4'), h5: heading('h5'), h6: heading('h6'),
  img: ({ src, alt, width, height, title }) => {
    if (typeof src !== 'string' || src === '') return <span className="text-subtle">{alt}</span>;
    // A picture of another host would tell it who reads what.
    if (/^([a-z][a-z0-9+.-]*:)?\/\//i.test(src)) return <span title={`A picture of another host, which is not loaded: ${src}`} className="inline-flex rounded-sm border bg-sunken px-1.5 text-xs text-muted">{alt === undefined || alt === '' ? 'picture' : alt}</span>;
    return <img src={src} alt={alt ?? ''} width={width} height={height} title={title} loading="lazy" />;
  },
  pre: (props) => {
    const code = isValidElement<{ className?: string; children?: ReactNode }>(props.children) ? props.children.props : undefined;
    if (/\blanguage-mermaid\b/.test(code?.className ?? '')) return <MermaidDiagram code={textOf(code?.children)} />;
    const Plain = MARKDOWN_COMPONENTS.pre;
    return typeof Plain === 'function' ? <Plain {...props} /> : <pre {...props} />;
  },
};

function decodeHash(hash: string): string {
  try {
    return decodeURIComponent(hash.slice(1));
  } catch {
    return hash.slice(1);
  }
}
