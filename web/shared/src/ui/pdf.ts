/* pdf.js, fetched only when a page shows a document. Its two files are taken as they are: they are built for old browsers. */
import pdfUrl from 'pdfjs-dist/legacy/build/pdf.min.mjs?url'
import workerUrl from 'pdfjs-dist/legacy/build/pdf.worker.min.mjs?url'
import type { PDFDocumentProxy } from 'pdfjs-dist'

type PdfJs = typeof import('pdfjs-dist')
let library: Promise<PdfJs> | undefined

function load(): Promise<PdfJs> {
  library ??= import(/* @vite-ignore */ pdfUrl).then((lib: PdfJs) => {
    lib.GlobalWorkerOptions.workerSrc = workerUrl
    return lib
  })
  return library
}

export async function openPdf(bytes: ArrayBuffer): Promise<PDFDocumentProxy> {
  const lib = await load()
  return lib.getDocument({
    data: new Uint8Array(bytes),
    isEvalSupported: false,
    enableXfa: false,
    cMapUrl: '/assets/pdfjs/cmaps/',
    cMapPacked: true,
    standardFontDataUrl: '/assets/pdfjs/standard_fonts/',
  }).promise
}
export type { PDFDocumentProxy }
