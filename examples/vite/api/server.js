// The API of the example: JSON at /api/hello and a clock as server-sent events at /api/clock. No dependency.
import { createServer } from "node:http";

const server = createServer((request, response) => {
  const { pathname } = new URL(request.url, "http://api");
  if (pathname === "/api/hello") {
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify({ message: "hello", host: request.headers.host, pid: process.pid }));
    return;
  }
  if (pathname === "/api/clock") {
    response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
    const tick = () => response.write(`data: ${new Date().toISOString()}\n\n`);
    const timer = setInterval(tick, 1000);
    response.on("close", () => clearInterval(timer));
    tick();
    return;
  }
  response.writeHead(404, { "content-type": "application/json" });
  response.end(JSON.stringify({ error: `nothing at ${pathname}` }));
});

server.listen(Number(process.env.PORT ?? 7173), "127.0.0.1", () => {
  console.log(`api: listening on http://127.0.0.1:${server.address().port}`);
});
