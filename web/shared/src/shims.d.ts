declare module '*.vue' {
  import type { DefineComponent } from 'vue'
  const component: DefineComponent<object, object, unknown>
  export default component
}
declare module 'pdfjs-dist/legacy/build/*?url' {
  const url: string
  export default url
}
