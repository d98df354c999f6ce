// Mermaid blocks: takes their text, and gives a drawing in the colors of the page, light or dark, made when the site is built.
import { renderMermaidSVG } from 'beautiful-mermaid'
import type { Markdown } from './links.ts'

const colors = {
  bg: 'var(--vp-c-bg)',
  fg: 'var(--vp-c-text-1)',
  line: 'var(--vp-c-text-2)',
  accent: 'var(--vp-c-brand-1)',
  muted: 'var(--vp-c-text-2)',
  surface: 'var(--vp-c-bg-soft)',
  border: 'var(--vp-c-border)',
}

/** Draws each block of the language `mermaid`. */
export function diagrams(md: Markdown): void {
  const render = md.renderer.rules.fence
  md.renderer.rules.fence = (tokens, index, options, env, self) => {
    const token = tokens[index]
    if (token?.info.trim() === 'mermaid') {
      const drawn = renderMermaidSVG(token.content, { ...colors, font: 'inherit', transparent: true })
      // No font is fetched, and Vue takes the drawing as it is.
      const svg = md.utils.escapeHtml(JSON.stringify(drawn.replace(/@import url\([^)]*\);?/g, '')))
      return `<div class="diagram" role="img" aria-label="Diagram of the steps below" tabindex="0" v-html="${svg}"></div>\n`
    }
    return render ? render(tokens, index, options, env, self) : self.renderToken(tokens, index, options)
  }
}
