import { createApp } from 'vue'
import '@shared/ui/tokens.css'
import 'element-plus/es/components/message/style/css'
import 'element-plus/es/components/message-box/style/css'
import './console.css'
import App from './App.vue'
import { router } from './router'
import { initLanguage } from '@shared/i18n'
import { whenUnauthenticated } from '@shared/api/client'
import { session, setSession } from '@shared/session'

// A session that ended on the server: sign in again, and come back to the same page.
whenUnauthenticated(() => {
  if (!session.value) return
  setSession(null)
  const at = router.currentRoute.value
  if (at.meta.members) void router.push({ name: 'login', query: { back: at.fullPath, ended: '1' } })
})

const start = () => createApp(App).use(router).mount('#app')
initLanguage().then(start, start)
