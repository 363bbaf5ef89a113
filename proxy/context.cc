#include "proxy/context.h"

#include <utility>

#include "proxy/exchange.h"

namespace devproxy {

/// Exchanges that ended in this turn wait for its end: somebody up the stack may still look at
/// them.
class Context::Recycler final : private Flushable {
 public:
  explicit Recycler(Agenda& agenda) : agenda_(agenda) {}
  ~Recycler() { agenda_.forget(*this); }

  std::unique_ptr<Exchange> take() {
    if (free_.empty()) return nullptr;
    std::unique_ptr<Exchange> exchange = std::move(free_.back());
    free_.pop_back();
    return exchange;
  }

  void retire(std::unique_ptr<Exchange> exchange) {
    if (retired_.empty()) agenda_.flush_later(*this);
    retired_.push_back(std::move(exchange));
  }

 private:
  void flush() override {
    constexpr std::size_t kept = 512;
    for (std::size_t i = 0; i < retired_.size(); ++i) {
      retired_[i]->recycle();
      if (free_.size() < kept) free_.push_back(std::move(retired_[i]));
    }
    retired_.clear();
  }

  Agenda& agenda_;
  std::vector<std::unique_ptr<Exchange>> free_;
  std::vector<std::unique_ptr<Exchange>> retired_;
};

Context::Context(Loop& its_loop, ServerOptions its_options)
    : loop(its_loop),
      agenda(its_loop.agenda()),
      options(std::move(its_options)),
      deadlines(agenda),
      via("1.1 devproxy-" + options.instance),
      recycler_(std::make_unique<Recycler>(agenda)) {}

Context::~Context() = default;

std::string_view Context::date() {
  const std::time_t now = std::time(nullptr);
  if (now != date_second_) {
    std::tm parts{};
    gmtime_r(&now, &parts);
    char text[32];
    // The C locale's names, as RFC 9110 5.6.7 wants them; the program never sets another.
    date_.assign(text, std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts));
    date_second_ = now;
  }
  return date_;
}

bool Context::first_sight_of(std::string_view host) {
  constexpr std::size_t most = 1000;
  return seen_hosts_.size() < most && seen_hosts_.emplace(host).second;
}

std::unique_ptr<Exchange> Context::take_exchange() {
  if (std::unique_ptr<Exchange> warm = recycler_->take()) return warm;
  return std::make_unique<Exchange>(*this);
}

void Context::give_back(std::unique_ptr<Exchange> exchange) {
  recycler_->retire(std::move(exchange));
}

}  // namespace devproxy
