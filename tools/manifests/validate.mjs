// Checks rendered manifests on stdin against the schemas of Kubernetes: required fields, types, allowed values. Resources of others (KEDA's, the Prometheus operator's) are only named.
import { readFileSync } from 'node:fs'
import YAML from 'yaml'

let valid = 0
let failed = 0
for (const document of YAML.parseAllDocuments(readFileSync(0, 'utf8'))) {
  const manifest = document.toJS()
  const name = `${manifest.kind} ${manifest.metadata.name}`
  if (/^(keda\.sh|monitoring\.coreos\.com)\//.test(manifest.apiVersion)) {
    console.log(`${name}: not checked`)
    continue
  }
  try {
    const model = await import(`kubernetes-models/${manifest.apiVersion}/${manifest.kind}`)
    new model[manifest.kind](manifest).validate()
    valid++
  } catch (failure) {
    failed++
    console.error(`${name}: ${failure.message}`)
  }
}
console.log(`${valid} valid, ${failed} not`)
process.exit(failed > 0 || valid === 0 ? 1 : 0)
