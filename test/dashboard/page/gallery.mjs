/**
 * Every view of the page over a sweep made from a recipe: bundled for the browser by the tests (gallery.ts), which call
 * `gallery.show`.
 */
import { h, render } from 'preact'
import { isDrawing } from '../../../src/dashboard/page/plots/scheduler.ts'
import * as all from '../../../src/dashboard/page/views/index.ts'
import { syntheticSweep } from './synthetic.ts'

const views = { ...all }
const compared = new Set(['CompareView'])

globalThis.gallery = {
  views: Object.keys(views),
  sweeps: [],
  isDrawing,
  /** @param names of views; all of them by default. */
  show(recipes, names = Object.keys(views)) {
    const sweeps = recipes.map(syntheticSweep)
    globalThis.gallery.sweeps = sweeps
    const root = document.getElementById('page')
    render(null, root)
    render(
      h(
        'main',
        { class: 'gallery' },
        h('h1', null, 'Views'),
        names.map((name) =>
          h(
            'section',
            { key: name, id: name },
            h('h2', null, name),
            compared.has(name) ? h(views[name], { sweeps }) : h(views[name], { sweep: sweeps[0] }),
          ),
        ),
      ),
      root,
    )
  },
}
