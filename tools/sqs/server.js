// A server that speaks SQS, for tests and benchmarks. Prints its port; ends when its standard input does, so it never outlives who started it.
const http = require('http');
const { createRequestHandler } = require(require.resolve('local-aws-sqs', { paths: [process.argv[2]] }));

// Where Amazon's SQS answers with an empty object it answers with nothing, which the client takes for a broken answer.
const end = http.ServerResponse.prototype.end;
http.ServerResponse.prototype.end = function (body, ...more) {
  return end.call(this, body || (this.statusCode === 200 ? '{}' : body), ...more);
};

const { service, requestHandler } = createRequestHandler({ port: 0, hostname: '127.0.0.1', emulateQueueCreationLifecycle: false });

// Amazon's long poll ends with the first message; its own waits for ten, or for its whole time. What becomes visible again is found a little late.
const look = 100;
const waiting = new Set();
function pollAsAmazon(queues) {
  const { receive } = queues;
  queues.receive = async function (asked) {
    const until = Date.now() + 1000 * (asked.WaitTimeSeconds ?? 0);
    for (;;) {
      const found = await receive.call(this, { ...asked, WaitTimeSeconds: 0 });
      if (found.length > 0 || Date.now() >= until) return found;
      await new Promise((resolve) => {
        const wake = () => waiting.delete(wake) && resolve();
        waiting.add(wake);
        setTimeout(wake, Math.min(look, until - Date.now()));
      });
    }
  };
}

function wakeAll() {
  for (const wake of [...waiting]) wake();
}

let patched = false;
const server = http.createServer(async (request, response) => {
  await requestHandler(request, response);
  if (!patched && service.Queues.length > 0) {
    patched = true;
    pollAsAmazon(Object.getPrototypeOf(service.Queues[0]));
  }
  if (/\.SendMessage/.test(request.headers['x-amz-target'] ?? '')) wakeAll();
});
server.listen(0, '127.0.0.1', () => {
  service.PORT = server.address().port;
  console.log(`port ${service.PORT}`);
});
process.stdin.on('end', () => process.exit(0)).on('error', () => process.exit(0)).resume();
