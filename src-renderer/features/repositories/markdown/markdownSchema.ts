import { defaultSchema } from 'rehype-sanitize';

type Schema = typeof defaultSchema;

/**
 * What raw HTML in a Markdown file may be: the schema that GitHub uses, and alignment. No script, style, form, frame or event survives, and
 * every `id` and `name` gets a prefix, so that none takes the place of one of ours (DOM clobbering).
 */
export const MARKDOWN_SCHEMA: Schema = {
  ...defaultSchema,
  // What is in these is no text.
  strip: [...(defaultSchema.strip ?? []), 'style', 'title', 'template'],
  attributes: {
    ...defaultSchema.attributes,
    '*': [...(defaultSchema.attributes?.['*'] ?? []), 'align'],
    code: [...(defaultSchema.attributes?.code ?? []), ['className', /^language-[\w+#.-]{1,40}$/]],
    div: [...(defaultSchema.attributes?.div ?? []), ['className', /^k-alert-(note|tip|important|warning|caution)$/]],
    img: [...(defaultSchema.attributes?.img ?? []), 'width', 'height'],
  },
};

/** The prefix that the schema puts in front of ids. */
export const ID_PREFIX = 'user-content-';
