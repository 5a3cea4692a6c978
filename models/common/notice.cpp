#include "models/common/notice.h"

#include <mutex>
#include <utility>

namespace lacuna {
namespace {

std::mutex mutex;
std::function<void(const std::string&)> heard_by;  // under the mutex

}  // namespace

void tell(const std::string& text) {
  const std::lock_guard<std::mutex> lock(mutex);
  if (heard_by) {
    heard_by(text);
  }
}

void listen(std::function<void(const std::string& text)> listener) {
  const std::lock_guard<std::mutex> lock(mutex);
  heard_by = std::move(listener);
}

}  // namespace lacuna
