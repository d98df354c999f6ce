// VitePress's own theme, with what long tables and diagrams need on a small screen.
import theme from 'vitepress/theme-without-fonts'
import './style.css'

export default theme
