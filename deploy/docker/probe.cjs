// Asks the server in this container for a page that needs no API key, and ends with 0 where it answers 200:
//   node /app/probe.cjs http://127.0.0.1:8080/livez
// The image has no other program that could ask. It says what it got, for `docker inspect`.
"use strict";
const url = new URL(process.argv[2] ?? "http://127.0.0.1:8080/livez");
const { get } = require(url.protocol === "https:" ? "node:https" : "node:http");

function end(status, answer) {
  process.stdout.write(`${url.pathname}: ${answer}\n`);
  process.exitCode = status;
}

// The certificate names the server for others, and to ask oneself takes no proof.
const request = get(url, { rejectUnauthorized: false, timeout: 5000 }, (response) => {
  response.resume();
  end(response.statusCode === 200 ? 0 : 1, response.statusCode);
});
request.on("timeout", () => request.destroy(new Error("no answer within 5 seconds")));
request.on("error", ({ message }) => end(1, message));
