import { clsx } from 'clsx';
import { isValidElement, useContext, useMemo, type ReactNode } from 'react';
import ReactMarkdown, { defaultUrlTransform, type Components } from 'react-markdown';
import remarkGfm from 'remark-gfm';
import { CodeBlock } from './CodeBlock';
import { linkReferences } from './linkReferences';
import { MarkdownScopeContext } from './markdownScope';

export interface MarkdownProps {
  text: string;
  className?: string;
  /** Makes an address of a relative link or picture: those of a README are relative to its folder. */
  resolveUrl?: (url: string, use: 'link' | 'image') => string;
}

/** Text that people or agents wrote. Raw HTML in it is shown as text, and no address but http, https and mailto is followed. */
export function Markdown({ text, className, resolveUrl }: MarkdownProps) {
  const { linkOf } = useContext(MarkdownScopeContext);
  const plugins = useMemo(() => (linkOf === undefined ? PLUGINS : [...PLUGINS, linkReferences(linkOf)]), [linkOf]);
  return (
    <div className={clsx('k-prose min-w-0 break-words', className)}>
      <ReactMarkdown
        remarkPlugins={plugins}
        components={MARKDOWN_COMPONENTS}
        urlTransform={(url, key) => {
          const safe = defaultUrlTransform(url);
          return resolveUrl === undefined || safe === '' || /^([a-z][a-z0-9+.-]*:|#|\/\/)/i.test(safe) ? safe : resolveUrl(safe, key === 'src' ? 'image' : 'link');
        }}
      >
        {text}
      </ReactMarkdown>
    </div>
  );
}

const PLUGINS = [remarkGfm];

/** How the parts of a text look; for what renders Markdown in its own way. */
export const MARKDOWN_COMPONENTS: Components = {
  a: ({ href, children }) => {
    const outside = href !== undefined && /^(https?:)?\/\//.test(href);
    return <a href={href} rel="nofollow noopener noreferrer" {...(outside ? { target: '_blank' } : {})}>{children}</a>;
  },
  img: ({ src, alt }) => <img src={typeof src === 'string' ? src : undefined} alt={alt ?? ''} loading="lazy" referrerPolicy="no-referrer" />,
  pre: ({ children }) => {
    const code = isValidElement<{ className?: string; children?: ReactNode }>(children) ? children.props : undefined;
    const language = /language-([\w+#.-]+)/.exec(code?.className ?? '')?.[1];
    return <CodeBlock className="my-2" code={textOf(code?.children).replace(/\n$/, '')} language={language} />;
  },
  table: ({ children }) => <div tabIndex={0} className="overflow-x-auto"><table>{children}</table></div>,
  input: ({ checked }) => <input type="checkbox" checked={checked === true} readOnly disabled aria-label={checked === true ? 'done' : 'to do'} />,
};

/** The words in a rendered node. */
export function textOf(node: ReactNode): string {
  if (typeof node === 'string' || typeof node === 'number') return String(node);
  return Array.isArray(node) ? node.map((each: ReactNode) => textOf(each)).join('') : '';
}
