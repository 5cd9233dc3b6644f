/** The page begins here: in a report it finds its data in the document, else it asks the server that it came from. */
import { render } from 'preact'
import { followAddress } from './address.js'
import { startApp } from './app.js'
import { liveSource } from './live-source.js'
import { Page } from './page.js'
import { reportSource } from './report-source.js'
import { followTheme } from './theme.js'

followTheme()
followAddress()
render(<Page app={startApp(reportSource() ?? liveSource())} />, document.getElementById('page')!)
