import { createReadStream, existsSync, readdirSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { defineConfig, type Plugin } from 'vite'
import vue from '@vitejs/plugin-vue'
import Components from 'unplugin-vue-components/vite'
import { ElementPlusResolver } from 'unplugin-vue-components/resolvers'
import { VantResolver } from '@vant/auto-import-resolver'

const root = import.meta.dirname ?? new URL('.', import.meta.url).pathname

/* Character maps and fonts that pdf.js asks for by name when a document does not embed them: of the maps only the Chinese ones,
 * which is a tenth of the whole. */
function pdfParts(): Plugin {
  const dist = resolve(root, 'node_modules/pdfjs-dist')
  const parts = [
    ...readdirSync(resolve(dist, 'cmaps')).filter(n => /^(GB|UniGB|Adobe-GB1|UniCNS|Adobe-CNS1-UCS2|Identity)/.test(n)).map(n => 'cmaps/' + n),
    ...readdirSync(resolve(dist, 'standard_fonts')).filter(n => /\.(pfb|ttf)$/.test(n)).map(n => 'standard_fonts/' + n),
  ]
  return {
    name: 'pdf-parts',
    generateBundle() {
      for (const p of parts) this.emitFile({ type: 'asset', fileName: 'assets/pdfjs/' + p, source: readFileSync(resolve(dist, p)) })
    },
    configureServer(server) {
      server.middlewares.use((req, res, next) => {
        const m = /^\/assets\/pdfjs\/([\w./-]+)$/.exec(req.url ?? '')
        const file = m && !m[1].includes('..') ? resolve(dist, m[1]) : ''
        if (file && existsSync(file)) createReadStream(file).pipe(res)
        else next()
      })
    },
  }
}

/* Vant's icon font is inlined in its style sheet, with a second source on somebody else's host: nothing here asks other hosts. */
function noForeignFonts(): Plugin {
  return {
    name: 'no-foreign-fonts',
    enforce: 'pre',
    transform(code, id) {
      if (/\/vant\/.*\.css/.test(id)) return code.replace(/,\s*url\((?:https?:)?\/\/[^)]*\)\s*format\([^)]*\)/g, '')
    },
  }
}

/* In development each application answers for all addresses under its own base, as the program does. */
function historyFallback(): Plugin {
  return {
    name: 'history-fallback',
    configureServer(server) {
      server.middlewares.use((req, _res, next) => {
        const m = /^\/(console|h5)\/(?!src\/|index\.html)[^.]*$/.exec((req.url ?? '').split('?')[0])
        if (m) req.url = `/${m[1]}/index.html`
        next()
      })
    },
  }
}

export default defineConfig({
  root,
  base: '/',
  publicDir: false,
  resolve: { alias: { '@shared': resolve(root, 'shared/src') } },
  plugins: [
    vue(),
    Components({ dirs: [], dts: false, resolvers: [ElementPlusResolver({ importStyle: 'css' }), VantResolver()] }),
    noForeignFonts(),
    pdfParts(),
    historyFallback(),
  ],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: ['es2019', 'chrome79', 'safari13.1'],
    assetsInlineLimit: 0, // the content policy of the pages allows no data: fonts
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 1200,
    rollupOptions: {
      input: { console: resolve(root, 'console/index.html'), h5: resolve(root, 'h5/index.html') },
      output: {
        // Debian's mime tables do not know .mjs
        assetFileNames: a => 'assets/[name]-[hash]' + (a.names.some(n => n.endsWith('.mjs')) ? '.js' : '[extname]'),
      },
    },
  },
  server: { proxy: { '/api': process.env.QYQ_URL ?? 'http://127.0.0.1:8080' } },
})
