// Plays the server or the simulator for test.sh: keeps the contract that ./bsp relies on and nothing else.
const http = require('http');
const fs = require('fs');
const path = require('path');

const isServer = process.argv[2] === 'server';
const address = new URL(isServer ? process.env.BSP_URL : process.env.Simulator__Url);

// Like the real server's PostgreSQL: a process of its own that ends when its pipe closes.
if (isServer) require('child_process').spawn('sh', ['-c', 'echo $$ >"$1/database.pid"; read -r _; sleep 0.3', 'sh', process.env.BSP_DATA], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });

if (isServer) {
  const { Meta__AppSecret, Meta__VerifyToken, Meta__GraphBaseUrl, BSP_DATA } = process.env;
  const file = path.join(BSP_DATA, 'credentials.json');
  const credentials = { adminEmail: 'admin@example.com', adminPassword: 'first-password', apiKey: 'key-' + process.pid };
  if (!fs.existsSync(file)) fs.writeFileSync(file, JSON.stringify(credentials, null, 2), { mode: 0o600 });
  fs.writeFileSync(path.join(BSP_DATA, 'seen-by-server.json'), JSON.stringify({ Meta__AppSecret, Meta__VerifyToken, Meta__GraphBaseUrl }));
} else {
  const { Simulator__AppSecret, Simulator__VerifyToken, Simulator__WebhookUrl } = process.env;
  console.log(JSON.stringify({ Simulator__AppSecret, Simulator__VerifyToken, Simulator__WebhookUrl }));
}

console.log('stand-in ' + process.argv[2]);
if (isServer && process.env.STAND_IN_SAYS) console.log(process.env.STAND_IN_SAYS);
if (isServer && process.env.STAND_IN_FAILS) {
  console.error('cannot start because the test says so');
  if (process.env.STAND_IN_FAILS === 'ABRT') process.kill(process.pid, 'SIGABRT');
  process.exit(Number(process.env.STAND_IN_FAILS));
}

process.on('SIGTERM', () => {
  console.log('stopping');
  setTimeout(() => process.exit(0), 100);
});
http.createServer((request, response) => response.writeHead(request.url === '/health/ready' ? 200 : 404).end()).listen(address.port, address.hostname);
