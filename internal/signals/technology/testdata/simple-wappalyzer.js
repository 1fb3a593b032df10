// Reads pages as JSON lines {"name", "url", "headers", "html"} and writes {"name", "apps"} for each, by simple-wappalyzer.
'use strict'

const readline = require('readline')
const wappalyzer = require('simple-wappalyzer')

const lines = readline.createInterface({ input: process.stdin })

const main = async () => {
  for await (const line of lines) {
    const { name, ...page } = JSON.parse(line)
    const apps = (await wappalyzer(page)).map(({ name }) => name).sort()
    process.stdout.write(JSON.stringify({ name, apps }) + '\n')
  }
}

main().catch(error => {
  console.error(error)
  process.exit(1)
})
