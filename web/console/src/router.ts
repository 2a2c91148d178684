import { createRouter, createWebHistory } from 'vue-router'
import { nextTick } from 'vue'
import { currentSession } from '@shared/session'
import { t, type Key } from '@shared/i18n'

declare module 'vue-router' {
  interface RouteMeta {
    title: Key
    /** Only for members of an enterprise. */
    members?: boolean
    /** Which entry of the navigation is lit. */
    nav?: string
  }
}

export const router = createRouter({
  history: createWebHistory('/console/'),
  scrollBehavior: (to, from, saved) => saved ?? (to.path === from.path ? false : { top: 0 }),
  routes: [
    { path: '/login', name: 'login', component: () => import('./pages/Login.vue'), meta: { title: 'login.title' } },
    { path: '/verify', name: 'verify', component: () => import('./pages/Verify.vue'), meta: { title: 'verify.title' } },
    {
      path: '/',
      component: () => import('./Frame.vue'),
      meta: { title: 'nav.overview', members: true },
      children: [
        { path: '', name: 'overview', component: () => import('./pages/Overview.vue'), meta: { title: 'nav.overview', members: true, nav: 'overview' } },
        { path: 'contracts', name: 'contracts', component: () => import('./pages/Contracts.vue'), meta: { title: 'contracts.title', members: true, nav: 'contracts' } },
        { path: 'contracts/new', name: 'new', component: () => import('./pages/ContractForm.vue'), meta: { title: 'form.title', members: true, nav: 'contracts' } },
        { path: 'contracts/:id/edit', name: 'edit', component: () => import('./pages/ContractForm.vue'), props: true, meta: { title: 'form.editTitle', members: true, nav: 'contracts' } },
        { path: 'contracts/:id', name: 'contract', component: () => import('./pages/ContractPage.vue'), props: true, meta: { title: 'contracts.title', members: true, nav: 'contracts' } },
        { path: 'workers', name: 'workers', component: () => import('./pages/Workers.vue'), meta: { title: 'workers.title', members: true, nav: 'workers' } },
        { path: 'enterprise', name: 'enterprise', component: () => import('./pages/Enterprise.vue'), meta: { title: 'enterprise.title', members: true, nav: 'enterprise' } },
      ],
    },
    { path: '/:all(.*)*', name: 'missing', component: () => import('./pages/Missing.vue'), meta: { title: 'error.notFoundTitle' } },
  ],
})

router.beforeEach(async to => {
  if (!to.meta.members) return
  const s = await currentSession().catch(() => null)
  if (s?.kind !== 'member') return { name: 'login', query: to.fullPath === '/' ? {} : { back: to.fullPath } }
})

router.afterEach((to, from) => {
  document.title = `${t(to.meta.title)} · ${t('app.name')}`
  // For keyboards and screen readers a new page begins at its heading.
  if (from.matched.length && to.path !== from.path) void nextTick(() => document.querySelector<HTMLElement>('main')?.focus({ preventScroll: true }))
})
