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

// Amazon counts waiting messages apart from those that were received, which its own counts with both.
function countAsAmazon(queues) {
  const { getAttributes } = queues;
  queues.getAttributes = function (names) {
    const told = getAttributes.call(this, names);
    if (told?.ApproximateNumberOfMessages === undefined) return told;
    const taken = getAttributes.call(this, ['ApproximateNumberOfMessagesNotVisible']).ApproximateNumberOfMessagesNotVisible;
    return { ...told, ApproximateNumberOfMessages: String(told.ApproximateNumberOfMessages - taken) };
  };
}

// To Amazon a change of visibility is no receive: what is kept long does not become a dead letter by it.
let changing = false;
function keepAsAmazon(queues) {
  const { changeVisibility } = queues;
  queues.changeVisibility = function (...change) {
    changing = true;
    try {
      return changeVisibility.apply(this, change);
    } finally {
      changing = false;
    }
  };
}

// And what was sent without a delay is there when the sender has its answer, not a moment later.
function storeAsAmazon(queue) {
  const { newRecord } = queue;
  queue.newRecord = (record, delay) => {
    let receives = record.attributes.ApproximateReceiveCount;
    Object.defineProperty(record.attributes, 'ApproximateReceiveCount', { enumerable: true, get: () => receives, set: (count) => { if (!changing) receives = count; } });
    const stored = newRecord(record, delay);
    if (!(delay > 0) && queue.DelaySeconds === 0) stored.delayed = false;
    return stored;
  };
}

const known = new WeakSet();
function knowNewQueues() {
  for (const queue of service.Queues) {
    if (known.has(queue)) continue;
    const queues = Object.getPrototypeOf(queue);
    if (!known.has(queues)) {
      known.add(queues);
      pollAsAmazon(queues);
      countAsAmazon(queues);
      keepAsAmazon(queues);
    }
    known.add(queue);
    storeAsAmazon(queue);
  }
}

const server = http.createServer(async (request, response) => {
  await requestHandler(request, response);
  const asked = request.headers['x-amz-target'] ?? '';
  if (/\.CreateQueue/.test(asked)) knowNewQueues();
  if (/\.SendMessage/.test(asked)) wakeAll();
});
server.listen(0, '127.0.0.1', () => {
  service.PORT = server.address().port;
  console.log(`port ${service.PORT}`);
});
process.stdin.on('end', () => process.exit(0)).on('error', () => process.exit(0)).resume();
