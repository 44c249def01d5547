// What Lambda's Node.js runtime does, as far as the examples need it: one event after the other, from the runtime API.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const api = `http://${process.env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime/invocation`;
const { handler } = await load(process.argv[2]);

async function load(path) {
  return path.endsWith(".mjs") ? import(pathToFileURL(path).href) : createRequire(import.meta.url)(path);
}

for (;;) {
  const next = await fetch(`${api}/next`);
  const request = next.headers.get("lambda-runtime-aws-request-id");
  let what = "response";
  let body;
  try {
    body = JSON.stringify((await handler(await next.json(), {})) ?? null);
  } catch (error) {
    what = "error";
    body = JSON.stringify({ errorType: error.name, errorMessage: error.message });
  }
  await fetch(`${api}/${request}/${what}`, { method: "POST", body });
}
