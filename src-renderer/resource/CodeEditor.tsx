import { defaultHighlightStyle, HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import { lintGutter, setDiagnostics, type Diagnostic } from '@codemirror/lint';
import { yaml } from '@codemirror/lang-yaml';
import { Compartment, EditorState } from '@codemirror/state';
import { EditorView, keymap } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { basicSetup } from 'codemirror';
import { useEffect, useEffectEvent, useRef } from 'react';
import type { TextIssue } from './yamlObject';

export interface CodeEditorProps {
  label: string;
  value: string;
  onChange?: (value: string) => void;
  issues?: readonly TextIssue[];
  readOnly?: boolean;
  /** Default: yaml. */
  language?: 'yaml' | 'text';
  /** Called on Cmd/Ctrl-S and Cmd/Ctrl-Enter. */
  onSave?: () => void;
}

/** An editor for YAML, or for text of any kind. */
export function CodeEditor({ label, value, onChange, issues = NO_ISSUES, readOnly = false, language = 'yaml', onSave }: CodeEditorProps) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(undefined);
  const changed = useEffectEvent((text: string) => onChange?.(text));
  const saved = useEffectEvent(() => onSave?.());
  const initial = useEffectEvent(() => value);

  useEffect(() => {
    if (host.current === null) return;
    const save = {
      preventDefault: true,
      run: () => {
        saved();
        return true;
      },
    };
    const created = new EditorView({
      parent: host.current,
      state: EditorState.create({
        doc: initial(),
        extensions: [
          keymap.of([{ key: 'Mod-s', ...save }, { key: 'Mod-Enter', ...save }]),
          basicSetup,
          ...(language === 'yaml' ? [yaml()] : []),
          lintGutter(),
          syntaxHighlighting(HIGHLIGHT),
          syntaxHighlighting(defaultHighlightStyle, { fallback: true }),
          LOOKS,
          writable.of([]),
          EditorView.lineWrapping,
          // In the order of tabs also when it cannot be edited: the keyboard scrolls it.
          EditorView.contentAttributes.of({ 'aria-label': label, tabindex: '0' }),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) changed(update.state.doc.toString());
          }),
        ],
      }),
    });
    view.current = created;
    return () => created.destroy();
  }, [label, language]);

  useEffect(() => {
    view.current?.dispatch({ effects: writable.reconfigure([EditorState.readOnly.of(readOnly), EditorView.editable.of(!readOnly)]) });
  }, [readOnly]);

  useEffect(() => {
    const editor = view.current;
    if (editor !== undefined && editor.state.doc.toString() !== value) editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: value } });
  }, [value]);

  useEffect(() => {
    const editor = view.current;
    if (editor === undefined) return;
    const { length } = editor.state.doc;
    const diagnostics: Diagnostic[] = issues.map((issue) => ({ from: Math.min(issue.from, length), to: Math.min(issue.to, length), severity: 'error', message: issue.message }));
    editor.dispatch(setDiagnostics(editor.state, diagnostics));
  }, [issues, value]);

  return <div ref={host} className="min-h-0 flex-1 overflow-hidden" />;
}

const NO_ISSUES: readonly TextIssue[] = [];
const writable = new Compartment();

const LOOKS = EditorView.theme({
  '&': { height: '100%', backgroundColor: 'var(--k-surface)', color: 'var(--k-fg)', fontSize: '12.5px' },
  '&.cm-focused': { outline: '2px solid var(--k-focus)', outlineOffset: '-2px' },
  '.cm-scroller': { fontFamily: 'var(--font-mono)', lineHeight: '1.6' },
  '.cm-content': { caretColor: 'var(--k-fg)' },
  '.cm-cursor': { borderLeftColor: 'var(--k-fg)' },
  '.cm-gutters': { backgroundColor: 'var(--k-canvas)', color: 'var(--k-subtle)', borderRight: '1px solid var(--k-line)' },
  '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'color-mix(in srgb, var(--k-hover) 60%, transparent)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': { backgroundColor: 'color-mix(in srgb, var(--k-accent) 24%, transparent)' },
  '.cm-foldPlaceholder': { backgroundColor: 'var(--k-sunken)', borderColor: 'var(--k-line)', color: 'var(--k-muted)' },
  '.cm-tooltip': { backgroundColor: 'var(--k-raised)', color: 'var(--k-fg)', border: '1px solid var(--k-line)', borderRadius: '6px' },
  '.cm-panels': { backgroundColor: 'var(--k-canvas)', color: 'var(--k-fg)' },
  '.cm-searchMatch': { backgroundColor: 'var(--k-warning-soft)' },
});

const HIGHLIGHT = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: 'var(--k-code-title)' },
  { tag: tags.string, color: 'var(--k-code-string)' },
  { tag: [tags.number, tags.bool, tags.null, tags.keyword], color: 'var(--k-code-number)' },
  { tag: [tags.comment, tags.meta], color: 'var(--k-code-comment)' },
  { tag: [tags.punctuation, tags.separator], color: 'var(--k-subtle)' },
]);
