// Handle<T>: RAII for any libuv handle. The uv struct is an allocation of its own that outlives its
// owner until libuv has closed it, so owners die freely; a callback that comes late finds no owner.
#pragma once

#include <uv.h>

#include <memory>

namespace devproxy {

template <class T>
struct CloseHandle {
  void operator()(T* handle) const {
    handle->data = nullptr;
    uv_close(reinterpret_cast<uv_handle_t*>(handle),
             [](uv_handle_t* closed) { delete reinterpret_cast<T*>(closed); });
  }
};

template <class T>
using Handle = std::unique_ptr<T, CloseHandle<T>>;

/// The object that a handle's callbacks belong to, or null when it is gone.
template <class Owner, class T>
Owner* owner_of(const T* handle) {
  return static_cast<Owner*>(handle->data);
}

}  // namespace devproxy
