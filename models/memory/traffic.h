#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <queue>
#include <vector>

#include "models/memory/schedule.h"

namespace lacuna::memory {

using Time = std::uint64_t;  ///< picoseconds

enum class Direction : std::uint8_t { read, write };

/// The port and the memory of models/device (dma.cpp, memory.cpp) without a kernel: the same steps at the
/// same times. Steps of one time that follow from each other are numbered, as delta cycles are.
class Traffic {
 public:
  /// `beat` is the port's; `start` is added to the times of the requests that `sink` gets. Parameters and
  /// sink must outlive this.
  Traffic(const Parameters& parameters, Time beat, const RequestSink& sink, Time start);

  enum class Step : std::uint8_t {
    advance,  ///< of the job's control: a transfer has ended, or the beginning
    run_over,
    issue,
    take_request,   ///< memory
    end_request,    ///< port
    data_moved,     ///< memory
    take_response,  ///< port
    end_response,   ///< port
    response_free,  ///< memory
  };

  Time now() const { return now_; }
  void post(Step step, Time time, std::size_t burst = 0);

  /// Goes on to the next step of the job's control and returns it; nothing: all is over. Throws CapacityError
  /// when there would be more than 2^28 bursts.
  std::optional<Step> next();

  void begin(Direction direction, std::uint64_t address, std::uint64_t bytes);

  /// Bursts of a transfer that has ended, once.
  std::optional<std::uint64_t> take_end(Direction direction);

 private:
  struct Event {
    Time time = 0;
    std::uint32_t delta = 0;
    std::uint64_t order = 0;
    Step step = Step::advance;
    std::size_t burst = 0;

    bool operator<(const Event& b) const {  // the queue's top is the largest
      return time != b.time ? time > b.time : delta != b.delta ? delta > b.delta : order > b.order;
    }
  };
  struct Burst {
    Direction direction = Direction::read;
    std::uint32_t bytes = 0;
    Time begun = 0;
  };
  struct Channel {
    bool busy = false;
    bool ended = false;
    std::uint64_t address = 0;  ///< of the next burst
    std::uint64_t left = 0;
    std::uint64_t bursts = 0;
    std::uint32_t under_way = 0;
  };

  Channel& channel(Direction direction) { return channels_[static_cast<std::size_t>(direction)]; }
  Time beats(std::uint32_t bytes) const;
  Time bus_time(std::uint32_t bytes) const;

  void take(const Event& event);
  bool may_issue(Direction direction);
  void issue();
  void send(Direction direction);
  std::size_t place();
  void end_request(const Burst& burst);
  void respond();
  void end_burst(std::size_t burst);

  const Parameters& parameters_;
  const Time beat_;
  const Time latency_;
  const RequestSink& sink_;
  const Time start_;

  std::priority_queue<Event> queue_;
  Time now_ = 0;
  std::uint32_t delta_ = 0;
  std::uint64_t posted_ = 0;
  std::uint64_t sent_ = 0;
  std::array<Channel, 2> channels_;
  std::vector<Burst> bursts_;
  std::vector<std::size_t> free_;
  bool requesting_ = false;
  Time request_free_ = 0;
  Direction turn_ = Direction::read;
  Time bus_free_ = 0;
  bool responding_ = false;
  std::deque<std::size_t> ready_;
};

}  // namespace lacuna::memory
