#include "models/common/process_pool.h"

#include <utility>

#include <poll.h>

namespace lacuna {

void ProcessPool::start(std::uint64_t task, const ChildProcess::Work& work) {
  children_.push_back({std::make_unique<ChildProcess>(ChildSignals::left_to_parent, work), task, {}});
}

void ProcessPool::receive(const Sink& sink) {
  constexpr int patience_ms = 50;
  std::vector<pollfd> polled;
  for (const Child& child : children_) {
    polled.push_back({child.process->descriptor(), POLLIN, 0});
  }
  if (polled.empty() || poll(polled.data(), polled.size(), patience_ms) <= 0) {
    return;
  }
  for (std::size_t i = polled.size(); i-- > 0;) {
    if (polled[i].revents != 0 && !children_[i].process->read_some(children_[i].reply)) {
      Child child = std::move(children_[i]);
      children_.erase(children_.begin() + static_cast<std::ptrdiff_t>(i));
      const ChildProcess::End end = child.process->wait();
      sink({child.task, end.complete ? std::move(child.reply) : std::string(), end.signal});
    }
  }
}

}  // namespace lacuna
