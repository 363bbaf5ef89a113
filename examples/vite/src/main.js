import "./style.css";
import { greeting } from "./greeting.js";

const element = (id) => document.getElementById(id);
const say = (id, text) => (element(id).textContent = text);

say("greeting", greeting);
import.meta.hot?.accept("./greeting.js", (module) => module && say("greeting", module.greeting));

// What a full reload would lose, so that you can see that none happened.
let count = 0;
const showCount = () => say("count", `clicked ${count} times`);
element("count").addEventListener("click", () => {
  count += 1;
  showCount();
});
showCount();

// Same origin as the page: devproxy sends /api to the other service.
fetch("/api/hello")
  .then((response) => (response.ok ? response.json() : { message: `${response.status} ${response.statusText}` }))
  .then(({ message }) => say("api", message));

// Server-sent events arrive one by one, and the browser reconnects when the API was restarted.
new EventSource("/api/clock").onmessage = (event) => say("clock", event.data);
