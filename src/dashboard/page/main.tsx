/** The page begins here: in a report it finds its data in the document, else it asks the server that it came from. */
import { render } from 'preact'

render(<main>Espalier</main>, document.getElementById('page')!)
