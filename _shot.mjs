import { chromium } from 'playwright-core'
import { spawn } from 'node:child_process'
const [store, out, hash = '#/', sizes='1440', scheme='light', full='1'] = process.argv.slice(2)
const d = spawn('node', ['dist/cli/main.js','dashboard','--port','0','--store',store,'--read-only'],{stdio:['ignore','pipe','inherit']})
const link = await new Promise(r=>{let t='';d.stdout.on('data',c=>{t+=c;const m=/http:\S+/.exec(t);if(m)r(m[0])})})
const b = await chromium.launch({executablePath:'/usr/bin/chromium',args:['--no-sandbox','--disable-gpu']})
for (const w of sizes.split(',')) {
  const c = await b.newContext({viewport:{width:+w,height:900},colorScheme:scheme})
  const p = await c.newPage()
  p.on('console',m=>{ if(m.type()==='error'||m.type()==='warning') console.log(m.type(),m.text())}); p.on('pageerror',e=>console.log('pageerror',e.message))
  await p.goto(link); await p.waitForTimeout(800)
  if (hash==='first') { await p.locator('a[href*="sweeps/"]').first().click() } else if(hash!=='#/') { await p.evaluate(h=>{location.hash=h},hash)}
  await p.waitForTimeout(1200)
  if (full==='1') { const h = await p.evaluate(()=>document.documentElement.scrollHeight); for(let y=0;y<h;y+=500){await p.evaluate(y=>scrollTo(0,y),y); await p.waitForTimeout(250)}; await p.evaluate(()=>scrollTo(0,0)); await p.waitForTimeout(300) }
  await p.screenshot({path:`${out}-${w}.png`,fullPage:full==='1'})
  console.log(w, await p.evaluate(()=>[document.documentElement.scrollHeight, document.documentElement.scrollWidth]))
}
await b.close(); d.kill('SIGINT')
