// The page. A real project would have Vite or another framework here: `command = "npm run dev"`.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";

createServer(async (request, response) => {
  if (request.url !== "/") return response.writeHead(404).end();
  response.setHeader("Content-Type", "text/html; charset=utf-8");
  response.end(await readFile(new URL("page.html", import.meta.url)));
}).listen(process.env.PORT, process.env.HOST, () => console.log(`the page is at ${process.env.DEVPROXY_URL}`));
