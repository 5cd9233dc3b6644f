/** A server that costs next to nothing in the place of an MLflow server, in a process of its own: it says its URL, and how much it was asked. */
import { fakeServer } from '../../test/exchange/mlflow/fake-server.js'

const server = await fakeServer()
process.on('message', () => process.send?.(server.asked.splice(0)))
process.on('disconnect', () => process.exit())
process.send?.(server.url)
