// Failures, problems and places in our JSON forms. Pure; any thread.
#pragma once

#include "base/json.h"
#include "cli/terminal/failure.h"
#include "config/problem.h"

namespace devproxy {

/// File, line and column.
Json place_json(const Position& at);
Json problems_json(const Problems& problems);
Json failure_json(const Failure& failure);

}  // namespace devproxy
