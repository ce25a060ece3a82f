// Checks rendered manifests on stdin against the schemas of Kubernetes, KEDA and the Prometheus operator: what is required, types, allowed values, and that
// no field is unknown. The argument is the folder in which they are installed.
import { readFileSync } from 'node:fs'

const packages = { 'keda.sh': '@kubernetes-models/keda', 'monitoring.coreos.com': '@kubernetes-models/prometheus-operator' }
const home = `${process.argv[2]}/node_modules`
const { default: YAML } = await import(`${home}/yaml/dist/index.js`)

// The schemas pass over a field that they do not know, and look at each one that they know: so what nobody has looked at is unknown.
function watched(value, path, unread) {
  if (typeof value !== 'object' || value === null) return value
  const copy = Array.isArray(value) ? [] : {}
  for (const key of Object.keys(value)) {
    unread.add(`${path}/${key}`)
    copy[key] = watched(value[key], `${path}/${key}`, unread)
  }
  return new Proxy(copy, {
    get(of, key) {
      unread.delete(`${path}/${String(key)}`)
      return of[key]
    },
  })
}

async function problems(manifest) {
  const from = packages[manifest.apiVersion.split('/')[0]] ?? 'kubernetes-models'
  const unread = new Set()
  try {
    const model = await import(`${home}/${from}/${manifest.apiVersion}/${manifest.kind}.js`)
    model[manifest.kind].prototype.validate.call(watched(manifest, '', unread))
  } catch (failure) {
    return failure.message
  }
  return unread.size > 0 ? `unknown: ${[...unread].join(', ')}` : ''
}

let valid = 0
let failed = 0
for (const document of YAML.parseAllDocuments(readFileSync(0, 'utf8'))) {
  const manifest = document.toJS()
  const found = await problems(manifest)
  if (found === '') {
    valid++
  } else {
    failed++
    console.error(`${manifest.kind} ${manifest.metadata.name}: ${found}`)
  }
}
console.log(`${valid} valid, ${failed} not`)
process.exit(failed > 0 || valid === 0 ? 1 : 0)
