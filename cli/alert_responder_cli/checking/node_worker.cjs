"use strict";
// Runs a Node.js plug-in like Lambda: in its own process, one event after the other.
//
// `node_target.py` starts it with two file descriptors (for requests and answers), the plug-in's file and the name of
// its handler. Handlers are loaded and called as by Lambda's runtime of the same version: up to Node.js 22 with
// callbacks, from 24 on without.
const { existsSync, readFileSync, readSync, writeSync } = require("node:fs");
const { dirname, join } = require("node:path");
const { pathToFileURL } = require("node:url");

const [events, answers] = process.argv.slice(2, 4).map(Number);
const [file, name] = process.argv.slice(4);
const hasCallbacks = Number(process.versions.node.split(".")[0]) < 24;
const UNSETTLED = "A promise was never settled, and the event loop is empty.";

let pending = Buffer.alloc(0);
let calls = 0;
// Called when the event loop is empty and the handler has not answered.
let whenIdle;

function say(document) {
  const line = Buffer.from(`${JSON.stringify(document)}\n`);
  for (let written = 0; written < line.length; ) written += writeSync(answers, line, written);
}

// Blocks without the event loop: like Lambda, freezes the plug-in between two events.
function nextLine() {
  const piece = Buffer.alloc(65536);
  for (;;) {
    const end = pending.indexOf(10);
    if (end >= 0) {
      const line = pending.subarray(0, end).toString();
      pending = pending.subarray(end + 1);
      return line;
    }
    const read = readSync(events, piece);
    if (read === 0) process.exit(0);
    pending = Buffer.concat([pending, piece.subarray(0, read)]);
  }
}

function failure(error) {
  try {
    if (error instanceof Error || (error?.name && error?.message && error?.stack)) {
      return { errorType: String(error.name), errorMessage: String(error.message) };
    }
    return { errorType: typeof error, errorMessage: String(error) };
  } catch {
    return { errorType: "handled", errorMessage: "The error that was thrown cannot be read." };
  }
}

function runtimeFailure(kind, errorMessage) {
  return { errorType: `Runtime.${kind}`, errorMessage };
}

function answer(result) {
  try {
    return { answer: JSON.stringify(result === undefined ? null : result) ?? "null" };
  } catch (error) {
    return failure(error);
  }
}

function next() {
  const { event, seconds } = JSON.parse(nextLine());
  const until = Date.now() + seconds * 1000;
  let isAnswered = false;
  const finish = (document) => {
    if (isAnswered) return;
    isAnswered = true;
    whenIdle = undefined;
    // Errors up to this point belong to this call; then wait for the next event immediately.
    setImmediate(() => {
      say(document);
      next();
    });
  };
  const context = {
    functionName: "check",
    functionVersion: "$LATEST",
    invokedFunctionArn: "arn:aws:lambda:us-east-1:111122223333:function:check",
    memoryLimitInMB: "128",
    logGroupName: "/aws/lambda/check",
    logStreamName: "check",
    awsRequestId: `00000000-0000-0000-0000-${String(calls++).padStart(12, "0")}`,
    getRemainingTimeInMillis: () => Math.max(0, until - Date.now()),
  };
  const neverSettled = runtimeFailure("NodeJsExit", UNSETTLED);
  try {
    if (hasCallbacks) {
      callWithCallback(event, context, finish, neverSettled);
    } else {
      whenIdle = () => finish(neverSettled);
      Promise.resolve(handler(event, context)).then(
        (result) => finish(answer(result)),
        (error) => finish(failure(error)),
      );
    }
  } catch (error) {
    finish(failure(error));
  }
}

// Only the first call of each function counts, and a returned value only if it is a promise.
function callWithCallback(event, context, finish, neverSettled) {
  let isWaiting = true;
  let isCalled = false;
  const once = (done) => {
    let isDone = false;
    return (...given) => {
      if (!isDone) done(...given);
      isDone = true;
    };
  };
  const end = (error, result) => finish(error === undefined || error === null ? answer(result) : failure(error));
  const callback = once((error, result) => {
    isCalled = true;
    if (isWaiting && (error === undefined || error === null)) whenIdle = () => finish(answer(result));
    else end(error, result);
  });
  Object.defineProperty(context, "callbackWaitsForEmptyEventLoop", {
    get: () => isWaiting,
    set: (value) => {
      isWaiting = value;
    },
    enumerable: true,
  });
  context.done = once(end);
  context.succeed = once((result) => end(null, result));
  context.fail = once((error) => end(error ?? "handled"));

  const isAsync = handler.constructor?.name === "AsyncFunction";
  whenIdle = () => finish(isAsync ? neverSettled : answer(null));
  const result = handler(event, context, callback);
  if (typeof result?.then === "function") {
    result.then(context.succeed, context.fail);
  } else if (result !== undefined && result !== null && !isCalled) {
    // Lambda answers null, which looks like an empty answer of the plug-in.
    const what = "The handler returns a value but is not async: up to Node.js 22, Lambda ignores the value.";
    whenIdle = () => finish(runtimeFailure("ReturnIgnored", what));
  }
}

function isModule(folder) {
  if (folder.endsWith("/node_modules")) return false;
  const description = join(folder, "package.json");
  if (existsSync(description)) {
    try {
      return JSON.parse(readFileSync(description)).type === "module";
    } catch {
      return false;
    }
  }
  return dirname(folder) !== folder && isModule(dirname(folder));
}

function load() {
  const isImported = !hasCallbacks || file.endsWith(".mjs") || (file.endsWith(".js") && isModule(dirname(file)));
  return isImported ? import(pathToFileURL(file).href) : require(file);
}

function find(module) {
  const within = (whole) => name.split(".").reduce((part, key) => part?.[key], whole);
  const found = within(module) ?? (hasCallbacks ? undefined : within(module?.default));
  if (typeof found === "function") {
    if (hasCallbacks || found.length < 3) return found;
    const what = "From Node.js 24 on, Lambda does not support handlers with a callback: use an async handler.";
    throw Object.assign(new Error(what), { name: "Runtime.CallbackHandlerDeprecated" });
  }
  const exported = Object.keys(module ?? {}).filter((key) => !["default", "module.exports"].includes(key));
  const names = exported.slice(0, 10).join(", ") || "nothing";
  const what = found === undefined ? `${name} is not exported; exported: ${names}.` : `${name} is not a function.`;
  throw Object.assign(new Error(what), { name: "Runtime.HandlerNotFound" });
}

process.on("uncaughtException", (error) => {
  say({ ...failure(error), ends: true });
  process.exit(129);
});
process.on("unhandledRejection", (reason) => {
  const { errorMessage } = failure(reason);
  say({ ...runtimeFailure("UnhandledPromiseRejection", errorMessage), ends: true });
  process.exit(128);
});
process.on("beforeExit", () => {
  const act = whenIdle;
  whenIdle = undefined;
  if (act) act();
});

let handler;
(async () => {
  whenIdle = () => say(runtimeFailure("NodeJsExit", UNSETTLED));
  try {
    handler = find(await load());
  } catch (error) {
    say(failure(error));
    process.exit(0);
  }
  whenIdle = undefined;
  say({ ready: true });
  next();
})();
