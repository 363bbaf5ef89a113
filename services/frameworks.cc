#include "services/frameworks.h"

#include <array>

namespace devproxy {
namespace {

constexpr std::string_view port_and_host = "--port {port} --host 127.0.0.1";
constexpr std::string_view port_option = "--port -p";

constexpr std::array table{
    Framework{"Vite", "vite", "|dev|serve|preview", "--port {port} --strictPort --host 127.0.0.1",
              "--port"},
    Framework{"Next", "next", "|dev|start", "-p {port} -H 127.0.0.1", port_option},
    Framework{"Nuxt", "nuxt", "dev|preview", port_and_host, port_option},
    Framework{"Nuxt", "nuxi", "dev|preview", port_and_host, port_option},
    Framework{"Astro", "astro", "dev|preview", port_and_host, "--port"},
    Framework{"Angular", "ng", "serve|s|dev", port_and_host, "--port"},
    Framework{"React Router", "react-router", "dev", port_and_host, "--port"},
    Framework{"Remix", "remix", "vite:dev", port_and_host, "--port"},
    Framework{"Rsbuild", "rsbuild", "|dev|preview", port_and_host, "--port"},
    Framework{"webpack", "webpack", "serve|server|s", port_and_host, "--port"},
    Framework{"webpack", "webpack-dev-server", "", port_and_host, "--port"},
    Framework{"Vue CLI", "vue-cli-service", "serve", port_and_host, "--port"},
    Framework{"Gatsby", "gatsby", "develop|serve", port_and_host, port_option},
    Framework{"Storybook", "storybook", "dev", "-p {port} --host 127.0.0.1 --exact-port",
              port_option},
    Framework{"VitePress", "vitepress", "dev|preview|serve", port_and_host, "--port"},
    Framework{"Docusaurus", "docusaurus", "start|serve", "--port {port} --host 127.0.0.1 --no-open",
              port_option},
    Framework{"Wrangler", "wrangler", "dev", "--port {port} --ip 127.0.0.1", "--port"},
    Framework{"Expo", "expo", "start", "--port {port}", port_option},
    Framework{"React Native", "react-native", "start", "--port {port}", "--port"},
    Framework{"Rails", "rails", "server|s", "-p {port} -b 127.0.0.1", port_option},
    Framework{"Jekyll", "jekyll", "serve|server|s", port_and_host, "--port -P"},
    Framework{"Django", "manage.py", "runserver", "127.0.0.1:{port}", "="},
    Framework{"Django", "django-admin", "runserver", "127.0.0.1:{port}", "="},
    Framework{"uvicorn", "uvicorn", "", port_and_host, "--port --fd --uds"},
    Framework{"Hypercorn", "hypercorn", "", "--bind 127.0.0.1:{port}", "--bind -b"},
    Framework{"FastAPI", "fastapi", "dev|run", port_and_host, "--port"},
    Framework{"Flask", "flask", "run", port_and_host, port_option},
    Framework{"Streamlit", "streamlit", "run",
              "--server.port {port} --server.address 127.0.0.1 --server.headless true",
              "--server.port"},
    Framework{"http.server", "http.server", "", "{port} --bind 127.0.0.1", "="},
    Framework{"MkDocs", "mkdocs", "serve", "-a 127.0.0.1:{port}", "-a --dev-addr"},
    Framework{"Hugo", "hugo", "server|serve", "--port {port} --bind 127.0.0.1", port_option},
    Framework{"Laravel", "artisan", "serve", port_and_host, "--port"},
};

}  // namespace

std::span<const Framework> frameworks() {
  return table;
}

}  // namespace devproxy
