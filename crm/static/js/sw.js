/* The service worker: our own static files, and a form that opens without a network. It keeps no page of anybody.
   The server puts the list of files before this text, so that a new release is a new worker. */
"use strict";

const CACHE = `yinfeng-${self.YF.version}`;
const SHELL = self.YF.shell;

async function fill() {
  const cache = await caches.open(CACHE);
  await cache.addAll([...self.YF.files, SHELL]);
}

async function tidy() {
  const old = (await caches.keys()).filter((name) => name.startsWith("yinfeng-") && name !== CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
  if (self.registration.navigationPreload) await self.registration.navigationPreload.enable();
  await self.clients.claim();
}

/** A page comes from the server or, without a network, is the form that works alone. */
async function page(event) {
  try {
    return (await event.preloadResponse) || (await fetch(event.request));
  } catch (error) {
    if (!(error instanceof TypeError) && error.name !== "NetworkError") throw error;
    return (await caches.match(SHELL)) || Response.error();
  }
}

/** A file of ours never changes under its address. */
async function file(request) {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(request);
  if (kept) return kept;
  const answer = await fetch(request);
  if (answer.ok && answer.type === "basic") await cache.put(request, answer.clone());
  return answer;
}

self.addEventListener("install", (event) => {
  self.skipWaiting();
  event.waitUntil(fill());
});
self.addEventListener("activate", (event) => event.waitUntil(tidy()));
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const address = new URL(request.url);
  if (request.method !== "GET" || address.origin !== self.location.origin) return;
  if (request.mode === "navigate") event.respondWith(page(event));
  else if (address.pathname.startsWith("/static/") && address.searchParams.has("v")) event.respondWith(file(request));
});
