// A server that speaks SQS, for tests. Prints its port; ends when its standard input does, so it never outlives who started it.
const http = require('http');
const { createSqsServer } = require(require.resolve('local-aws-sqs', { paths: [process.argv[2]] }));

// Where Amazon's SQS answers with an empty object it answers with nothing, which the client takes for a broken answer.
const end = http.ServerResponse.prototype.end;
http.ServerResponse.prototype.end = function (body, ...more) {
  return end.call(this, body || (this.statusCode === 200 ? '{}' : body), ...more);
};

createSqsServer({ port: 0, hostname: '127.0.0.1', emulateQueueCreationLifecycle: false }).then((server) => console.log(`port ${server.address().port}`));
process.stdin.on('end', () => process.exit(0)).on('error', () => process.exit(0)).resume();
