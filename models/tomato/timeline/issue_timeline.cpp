#include "models/tomato/timeline/issue_timeline.h"

#include <algorithm>
#include <utility>

namespace lacuna::tomato::timeline {
namespace {

/// Results between the accept of one and its push, at most.
std::uint64_t results_in_flight(const IssueConstants& constants) {
  return std::max(constants.pipe_stages, constants.buffer_tokens) + 1;
}

}  // namespace

IssueTimeline::IssueTimeline(UnitPorts ports, IssueConstants constants)
    : ports_(std::move(ports)),
      constants_(std::move(constants)),
      has_gates_(std::count(constants_.is_gate.begin(), constants_.is_gate.end(), true) > 0),
      is_plain_(!has_gates_ && !constants_.collects_frame && !is_link() &&
                constants_.issue_cycles.size() == 1),
      moves_(results_in_flight(constants_)),
      pushes_(results_in_flight(constants_)) {}

bool IssueTimeline::inputs_known() const {
  for (std::size_t i = 0; i < ports_.inputs.size(); ++i) {
    if (needs(i) && !ports_.inputs[i]->has_token()) {
      return false;
    }
  }
  return true;
}

bool IssueTimeline::try_push() {
  if (pushed_ == moved_) {
    return false;
  }
  const Cycle ready = std::max(moves_[pushed_] + static_cast<Cycle>(constants_.pipe_stages), last_push_ + 1);
  Cycle time = ready;
  for (const FifoTimes* output : ports_.outputs) {
    if (!output->has_room()) {
      return false;
    }
    time = std::max(time, output->room_time());
  }
  for (FifoTimes* output : ports_.outputs) {
    output->push(time, ready);
  }
  pushes_.set(pushed_, time);
  last_push_ = time;
  ++pushed_;
  return true;
}

bool IssueTimeline::try_move() {
  if (!holding_) {
    return false;
  }
  const bool makes_result = !constants_.collects_frame || token_in_frame_ + 1 == constants_.tokens_per_frame;
  Cycle time = issued_;
  if (makes_result) {
    // A link's wires always have room: the credit has been taken at the accept.
    if (!is_link() && moved_ >= constants_.pipe_stages) {
      const std::uint64_t leaving = moved_ - constants_.pipe_stages;
      if (pushed_ <= leaving) {
        return false;
      }
      time = std::max(time, pushes_[leaving]);
    }
    moves_.set(moved_, time);
    ++moved_;
  }
  classes_.add(0, time - issued_, 0);
  last_move_ = time;
  holding_ = false;
  if (++token_in_frame_ == constants_.tokens_per_frame) {
    token_in_frame_ = 0;
    ++frame_;
  }
  return true;
}

/// The wait for a token that was available at `available`, the credit of a link apart, and its issue.
void IssueTimeline::count_token(Cycle available, Cycle accept, Cycle issue) {
  const Cycle free = last_move_ + 1;
  const Cycle starved = std::max<Cycle>(0, available - free);
  classes_.add(starved, accept - free - starved, issue);
}

bool IssueTimeline::try_accept() {
  if (holding_ || accepted_ == constants_.tokens || !inputs_known() || (is_link() && !credit_known())) {
    return false;
  }
  Cycle available = 0;
  for (std::size_t i = 0; i < ports_.inputs.size(); ++i) {
    available = needs(i) ? std::max(available, ports_.inputs[i]->push_time() + 1) : available;
  }
  const Cycle free = last_move_ + 1;
  Cycle accept = std::max(free, available);
  if (is_link() && accepted_ >= constants_.buffer_tokens) {
    accept = std::max(
        accept, pushes_[accepted_ - constants_.buffer_tokens] + static_cast<Cycle>(constants_.pipe_stages));
  }
  for (std::size_t i = 0; i < ports_.inputs.size(); ++i) {
    if (needs(i)) {
      ports_.inputs[i]->pop(accept, free);
    }
  }
  const std::vector<std::uint64_t>& cycles = constants_.issue_cycles;
  const auto issue = static_cast<Cycle>(cycles.size() == 1 ? cycles.front() : cycles[frame_]);
  count_token(available, accept, issue);
  issued_ = accept + issue - 1;
  holding_ = true;
  ++accepted_;
  return true;
}

/// What advance() does, for units where a token's cycles follow from the FIFOs and the token before alone.
/// Nobody else pushes or pops meanwhile: how far it comes is known at the start.
Advance IssueTimeline::advance_plain() {
  std::uint64_t tokens = UINT64_MAX;
  for (const FifoTimes* input : ports_.inputs) {
    tokens = std::min(tokens, input->tokens_known());
  }
  std::uint64_t rooms = UINT64_MAX;
  for (const FifoTimes* output : ports_.outputs) {
    rooms = std::min(rooms, output->rooms_known());
  }
  const auto issue = static_cast<Cycle>(constants_.issue_cycles.front());
  const std::uint64_t stages = constants_.pipe_stages;
  Advance done;
  for (;;) {
    if (!holding_ && tokens > 0) {
      Cycle available = 0;
      for (const FifoTimes* input : ports_.inputs) {
        available = std::max(available, input->push_time() + 1);
      }
      const Cycle free = last_move_ + 1;
      const Cycle accept = std::max(free, available);
      for (FifoTimes* input : ports_.inputs) {
        input->pop(accept, free);
      }
      classes_.add(accept - free, 0, issue);
      issued_ = accept + issue - 1;
      holding_ = true;
      ++accepted_;
      --tokens;
      ++done.popped;
    }
    if (holding_ && moved_ < pushed_ + stages) {
      const Cycle time = moved_ < stages ? issued_ : std::max(issued_, pushes_[moved_ - stages]);
      moves_.set(moved_, time);
      ++moved_;
      classes_.add(0, time - issued_, 0);
      last_move_ = time;
      holding_ = false;
    }
    if (pushed_ == moved_ || rooms == 0) {
      if (holding_ || tokens == 0) {
        done.wants_token = !holding_;
        done.wants_room = pushed_ < moved_;
        return done;
      }
      continue;
    }
    const Cycle ready = std::max(moves_[pushed_] + static_cast<Cycle>(stages), last_push_ + 1);
    Cycle time = ready;
    for (const FifoTimes* output : ports_.outputs) {
      time = std::max(time, output->room_time());
    }
    for (FifoTimes* output : ports_.outputs) {
      output->push(time, ready);
    }
    pushes_.set(pushed_, time);
    last_push_ = time;
    ++pushed_;
    --rooms;
    ++done.pushed;
  }
}

Advance IssueTimeline::advance() {
  if (is_plain_ && !classes_.tells()) {
    return advance_plain();
  }
  Advance done;
  for (;;) {
    // In the order in which a token passes: one turn for each token where nothing waits.
    const bool popped = try_accept();
    const bool moved = try_move();
    const bool pushed = try_push();
    done.pushed += pushed ? 1 : 0;
    done.popped += popped ? 1 : 0;
    if (!pushed && !moved && !popped) {
      return done;
    }
  }
}

UnitWait IssueTimeline::wait() const {
  UnitWait wait;
  wait.holds_token = holding_ || (is_link() && !credit_known());
  if (pushed_ < moved_) {
    wait.full_edge = ports_.first_full();
  }
  for (std::size_t i = 0; i < ports_.inputs.size() && accepted_ < constants_.tokens; ++i) {
    // While a token is held, the next one's place in the frame is one further.
    const std::uint64_t next = holding_ ? token_in_frame_ + 1 : token_in_frame_;
    const bool needed = !constants_.is_gate[i] || next % constants_.tokens_per_frame == 0;
    if (needed && !ports_.inputs[i]->has_token()) {
      wait.empty_edge = ports_.input_edges[i];
      break;
    }
  }
  return wait;
}

}  // namespace lacuna::tomato::timeline
