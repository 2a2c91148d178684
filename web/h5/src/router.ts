import { createRouter, createWebHistory } from 'vue-router'
import { currentSession } from '@shared/session'
import { t, type Key } from '@shared/i18n'

declare module 'vue-router' {
  interface RouteMeta {
    title: Key
    /** Only for a worker who has proved the phone. */
    workers?: boolean
    /** With the bar of tabs below. */
    tabs?: boolean
  }
}

export const router = createRouter({
  history: createWebHistory('/h5/'),
  scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
  routes: [
    { path: '/', redirect: { name: 'inbox' } },
    { path: '/s/:token', name: 'sign', component: () => import('./pages/Sign.vue'), props: true, meta: { title: 'sign.terms' } },
    { path: '/login', name: 'login', component: () => import('./pages/Login.vue'), meta: { title: 'h5.login', tabs: true } },
    { path: '/inbox', name: 'inbox', component: () => import('./pages/Inbox.vue'), meta: { title: 'h5.inbox', workers: true, tabs: true } },
    { path: '/contracts/:id', name: 'contract', component: () => import('./pages/Contract.vue'), props: true, meta: { title: 'h5.contract', workers: true } },
    { path: '/verify', name: 'verify', component: () => import('./pages/Verify.vue'), meta: { title: 'verify.title', tabs: true } },
    { path: '/demo/phone', name: 'phone', component: () => import('./pages/DemoPhone.vue'), meta: { title: 'phone.title' } },
    { path: '/:all(.*)*', name: 'missing', component: () => import('./pages/Missing.vue'), meta: { title: 'error.notFoundTitle' } },
  ],
})

router.beforeEach(async to => {
  if (!to.meta.workers) return
  let s = await currentSession().catch(() => null)
  // Signing turns the signer's session into the worker's.
  if (s?.kind === 'signer') s = await currentSession(true).catch(() => null)
  if (s?.kind !== 'worker') return { name: 'login', query: { back: to.fullPath } }
})
router.afterEach(to => {
  document.title = `${t(to.meta.title)} · ${t('app.name')}`
})
