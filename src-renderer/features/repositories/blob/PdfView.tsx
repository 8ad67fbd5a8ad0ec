import { getDocument, GlobalWorkerOptions, type PDFDocumentProxy } from 'pdfjs-dist';
import workerUrl from 'pdfjs-dist/build/pdf.worker.min.mjs?url';
import { useEffect, useRef, useState } from 'react';
import { Button } from '../../../ui/Button';
import { EmptyState } from '../../../ui/EmptyState';
import { Spinner } from '../../../ui/Spinner';

GlobalWorkerOptions.workerSrc = workerUrl;

/** Pages that are drawn before more are asked for. */
const STEP = 10;
const MAX_WIDTH_PX = 900;

/**
 * A PDF as pictures of its pages, drawn by pdf.js: no script of the document runs, no form of it sends anything, and no link leads anywhere.
 */
export function PdfView({ url, name }: { url: string; name: string }) {
  const [state, setState] = useState<{ pdf?: PDFDocumentProxy; error?: string }>({});
  const [shown, setShown] = useState(STEP);
  useEffect(() => {
    const task = getDocument({ url, isEvalSupported: false, enableXfa: false, disableAutoFetch: true, stopAtErrors: false, useWasm: false });
    task.promise.then(
      (pdf) => setState({ pdf }),
      (error: unknown) => setState({ error: error instanceof Error ? error.message : 'It could not be read.' }),
    );
    return () => void task.destroy();
  }, [url]);
  if (state.error !== undefined) return <EmptyState title="This PDF cannot be shown" action={<Button asChild><a href={`${url}?download`} download>Download it</a></Button>}>{state.error}</EmptyState>;
  const { pdf } = state;
  if (pdf === undefined) return <p role="status" className="flex items-center justify-center gap-2 py-16 text-muted"><Spinner />Reading {name}</p>;
  return (
    <div className="flex flex-col items-center gap-4 bg-sunken p-4">
      {Array.from({ length: Math.min(shown, pdf.numPages) }, (_, index) => <PdfPage key={index} pdf={pdf} number={index + 1} />)}
      {pdf.numPages > shown && <Button onClick={() => setShown(shown + STEP)}>More of {pdf.numPages} pages</Button>}
    </div>
  );
}

function PdfPage({ pdf, number }: { pdf: PDFDocumentProxy; number: number }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [ratio, setRatio] = useState(1.414);
  useEffect(() => {
    let stop: (() => void) | undefined;
    let wanted = true;
    void pdf.getPage(number).then((page) => {
      const target = canvas.current;
      if (!wanted || target === null) return;
      const plain = page.getViewport({ scale: 1 });
      setRatio(plain.height / plain.width);
      const width = Math.min(target.clientWidth, MAX_WIDTH_PX) * Math.min(2, window.devicePixelRatio);
      const viewport = page.getViewport({ scale: width / plain.width });
      target.width = Math.floor(viewport.width);
      target.height = Math.floor(viewport.height);
      const drawing = page.render({ canvas: target, viewport });
      stop = () => drawing.cancel();
      drawing.promise.catch(() => undefined);
    });
    return () => {
      wanted = false;
      stop?.();
    };
  }, [pdf, number]);
  return <canvas ref={canvas} role="img" aria-label={`Page ${number}`} className="w-full max-w-[900px] border bg-white shadow-low" style={{ aspectRatio: `1 / ${ratio}` }} />;
}
