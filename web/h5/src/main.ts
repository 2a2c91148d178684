import { createApp } from 'vue'
import '@shared/ui/tokens.css'
import 'vant/es/toast/style'
import 'vant/es/dialog/style'
import './h5.css'
import App from './App.vue'
import { router } from './router'
import { initLanguage } from '@shared/i18n'

const start = () => createApp(App).use(router).mount('#app')
initLanguage().then(start, start)
