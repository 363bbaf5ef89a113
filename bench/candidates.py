"""The proxies under test: how each is configured and started. All do the same job: route by host, keep Host, pass or make
X-Request-Id, write X-Forwarded-For, -Proto, -Host, -Port anew, drop Forwarded, add Via, pool upstream connections, pass
WebSocket upgrades, and log no requests. All configurations are written into the bench's own temporary folder."""

import os
import signal
import time

import client
import machine


class Candidate:
    """One proxy on one port in front of one backend."""

    name = ""
    reload_signal = signal.SIGHUP
    loses_signals = False
    does_header_job = True

    def __init__(self, bench, hosts=("bench.localhost",), reloadable=False, tls=False):
        self.bench = bench
        self.tls = tls  # HTTPS with HTTP/2 and HTTP/1.1 by ALPN
        self.hosts = list(hosts)
        self.reloadable = reloadable
        self.port = machine.free_port()
        self.folder = os.path.join(bench.folder, f"{self.name}-{self.port}")
        self.log = os.path.join(self.folder, "output.log")
        self.pid = None
        os.mkdir(self.folder)
        self.configure()

    def configure(self):
        """Writes the files for self.hosts, each by an atomic rename."""

    def command(self):
        raise NotImplementedError

    def spawn(self):
        self.pid = machine.spawn(self.command(), self.bench.proxy_core, self.log)
        self.bench.running.append(self)

    def start(self):
        """Starts it and waits until it answers for the last host."""
        self.spawn()
        deadline = time.monotonic() + 60
        while not client.answers(self.port, self.hosts[-1], tls=self.tls):
            if machine.has_ended(self.pid) or time.monotonic() > deadline:
                with open(self.log) as file:
                    said = file.read()[-2000:]
                self.stop()
                raise machine.BenchError(f"{self.name} does not answer on port {self.port}; it said:\n{said}")
            time.sleep(0.01)
        return self

    def stop(self):
        if self.pid is not None:
            machine.end(self.pid)
        self.bench.running.remove(self)

    def reload(self, hosts):
        self.hosts = list(hosts)
        self.configure()
        os.kill(self.pid, self.reload_signal)

    def pids(self):
        return machine.process_tree(self.pid)

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path + ".new", "w") as file:
            file.write(text)
        os.replace(path + ".new", path)
        return path


class Devproxy(Candidate):
    name = "devproxy"

    def configure(self):
        routes = "".join(f'\n[[routes]]\nhost = "{host}"\nservice = "bench"\n' for host in self.hosts[1:])
        self.file = self.write("devproxy.toml", f"""name = "bench"

[proxy]
listen = ["127.0.0.1:{self.port}"]
log = "warn"
access_log = false

[services.bench]
host = "{self.hosts[0]}"
port = {self.bench.backend_port}
{routes}""")

    def command(self):
        return [self.bench.devproxy, "serve", "-c", self.file]


class Nginx(Candidate):
    name = "nginx"
    buffering = "on"

    def configure(self):
        if len(self.hosts) < 100:
            known, names, upstream = "", " ".join(self.hosts), "backend"
        else:  # one map, not 10,000 server blocks: the fast way
            lines = "".join(f"    {host} backend;\n" for host in self.hosts)
            known = f"  map_hash_max_size 65536;\n  map_hash_bucket_size 128;\n  map $host $service {{\n{lines}  }}\n"
            names, upstream = "*.bench.localhost", "$service"
        listen, certificate = f"127.0.0.1:{self.port}", ""
        if self.tls:
            listen += " ssl http2"
            pem = self.bench.certificate()
            certificate = (f"  ssl_certificate {pem};\n  ssl_certificate_key {pem};\n  ssl_session_cache shared:s:10m;\n"
                           "  ssl_protocols TLSv1.2 TLSv1.3;\n  ssl_ecdh_curve X25519;\n  http2_max_concurrent_streams 256;\n")
        refuse = "if ($service = '') { return 421; }" if known else ""
        self.file = self.write("nginx.conf", f"""daemon off;
worker_processes 1;
worker_rlimit_nofile 20000;
worker_shutdown_timeout 5s;
error_log stderr crit;
pid {self.folder}/pid;
events {{
  use epoll;
  worker_connections 20000;
  accept_mutex off;
  multi_accept on;
}}
http {{
  access_log off;
  server_tokens off;
  tcp_nodelay on;
  keepalive_timeout 3600s;
  keepalive_requests 1000000000;
  client_max_body_size 0;
  client_body_buffer_size 256k;
  client_body_temp_path {self.folder}/body;
  proxy_temp_path {self.folder}/proxy;
  fastcgi_temp_path {self.folder}/fastcgi;
  uwsgi_temp_path {self.folder}/uwsgi;
  scgi_temp_path {self.folder}/scgi;
{certificate}{known}  map $http_upgrade $hop {{ default upgrade; '' ''; }}
  map $http_via $via {{ default "$http_via, 1.1 bench"; '' "1.1 bench"; }}
  map $http_x_request_id $id {{ default $http_x_request_id; '' $request_id; }}
  upstream backend {{
    server 127.0.0.1:{self.bench.backend_port};
    keepalive 1024;
    keepalive_requests 1000000000;
    keepalive_timeout 3600s;
  }}
  server {{
    listen {listen} default_server reuseport backlog=4096;
    return 421;
  }}
  server {{
    listen {listen};
    server_name {names};
    location / {{
      {refuse}
      proxy_pass http://{upstream};
      proxy_http_version 1.1;
      proxy_buffering {self.buffering};
      proxy_buffer_size 32k;
      proxy_buffers 8 128k;
      proxy_busy_buffers_size 256k;
      proxy_max_temp_file_size 0;
      proxy_request_buffering off;
      proxy_read_timeout 3600s;
      proxy_set_header Host $http_host;
      proxy_set_header Connection $hop;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Via $via;
      proxy_set_header Forwarded "";
      proxy_set_header X-Forwarded-Prefix "";
      proxy_set_header X-Forwarded-For $remote_addr;
      proxy_set_header X-Forwarded-Proto $scheme;
      proxy_set_header X-Forwarded-Host $http_host;
      proxy_set_header X-Forwarded-Port $server_port;
      proxy_set_header X-Request-Id $id;
    }}
  }}
}}
""")

    def command(self):
        return [machine.find("nginx"), "-e", "stderr", "-p", self.folder, "-c", self.file]


class NginxUnbuffered(Nginx):
    name = "nginx-unbuffered"
    buffering = "off"


class Haproxy(Candidate):
    name = "haproxy"
    reload_signal = signal.SIGUSR2
    loses_signals = True  # its master does, while it still starts a worker
    tuning = ""
    options = ""

    def configure(self):
        secure = f" ssl crt {self.bench.certificate()} alpn h2,http/1.1 curves X25519" if self.tls else ""
        hosts = self.write("hosts.map", "".join(f"{host} backend\n" for host in self.hosts))
        self.file = self.write("haproxy.cfg", f"""global
  nbthread 1
  no strict-limits
  maxconn 10200
  hard-stop-after 5s
{self.tuning}defaults
  mode http
  timeout connect 2s
  timeout client 3600s
  timeout server 3600s
  timeout tunnel 3600s
  timeout http-keep-alive 3600s
  option http-keep-alive
  option http-no-delay
  http-reuse always
{self.options}frontend front
  bind 127.0.0.1:{self.port} backlog 4096{secure}
  http-request set-var(txn.known) req.hdr(host),host_only,map_str({hosts})
  http-request deny deny_status 421 unless {{ var(txn.known) -m found }}
  http-request add-header Via "1.1 bench"
  http-request del-header Forwarded
  http-request del-header X-Forwarded-Prefix
  http-request set-header X-Forwarded-For %[src]
  http-request set-header X-Forwarded-Proto {"https" if self.tls else "http"}
  http-request set-header X-Forwarded-Host %[req.hdr(host)]
  http-request set-header X-Forwarded-Port %[dst_port]
  http-request set-header X-Request-Id %[uuid()] unless {{ req.hdr(x-request-id) -m found }}
  use_backend %[var(txn.known)]
backend backend
  server one 127.0.0.1:{self.bench.backend_port} pool-max-conn -1 pool-purge-delay 3600s
""")

    def command(self):
        mode = ["-W"] if self.reloadable else ["-db"]  # a master process only where a reload needs one
        return [machine.find("haproxy"), *mode, "-f", self.file]


class HaproxySplice(Haproxy):
    name = "haproxy-splice"
    tuning = "  tune.bufsize 65536\n"
    options = "  option splice-auto\n"


class Nghttpx(Candidate):
    """In the rows of TLS only; it cannot write X-Forwarded-Host and -Port without a script, so it has less to do."""

    name = "nghttpx"
    does_header_job = False

    def command(self):
        pem = self.bench.certificate()
        return [machine.find("nghttpx"), "--conf=/dev/null", f"--frontend=127.0.0.1,{self.port}",
                f"--backend=127.0.0.1,{self.bench.backend_port};;proto=http/1.1", "--workers=1", "--no-ocsp",
                "--add-x-forwarded-for", "--strip-incoming-x-forwarded-for", "--accesslog-file=/dev/null",
                "--errorlog-file=/dev/stderr", "--log-level=ERROR", "--frontend-keep-alive-timeout=3600s",
                "--backend-keep-alive-timeout=3600s", "--ecdh-curves=X25519", pem, pem]


class Relay(Candidate):
    name = "relay"
    does_header_job = False

    def __init__(self, bench, tls=False):
        assert not tls
        super().__init__(bench, ("relay.localhost",))  # the backend does not check what comes with this name

    def command(self):
        return [self.bench.program("bench_relay"), str(self.port), str(self.bench.backend_port)]


ALL = {kind.name: kind for kind in (Devproxy, Nginx, NginxUnbuffered, Haproxy, HaproxySplice, Nghttpx, Relay)}
PEERS = ("nginx", "nginx-unbuffered", "haproxy", "haproxy-splice", "nghttpx")
PACKAGES = {"nginx": "nginx-light", "haproxy": "haproxy", "nghttpx": "nghttp2-proxy"}
