#pragma once

#include <cstdint>
#include <vector>

#include "models/tomato/timeline/unit_timeline.h"

namespace lacuna::tomato::timeline {

/// A ring of the latest cycles of a sequence.
class CycleRing {
 public:
  /// Keeps at least the latest `size`.
  explicit CycleRing(std::uint64_t size) {
    std::size_t slots = 1;
    while (slots < size) {
      slots *= 2;
    }
    values_.resize(slots);
    mask_ = slots - 1;
  }
  Cycle operator[](std::uint64_t position) const { return values_[position & mask_]; }
  void set(std::uint64_t position, Cycle value) { values_[position & mask_] = value; }

 private:
  std::vector<Cycle> values_;
  std::size_t mask_ = 0;
};

/// Constants of a unit with an issue stage.
struct IssueConstants {
  std::uint64_t tokens = 0;  ///< of the run
  std::uint64_t tokens_per_frame = 1;
  bool collects_frame = false;              ///< one result of all tokens of a frame
  std::vector<std::uint64_t> issue_cycles;  ///< I of each frame, or one for all
  std::uint64_t pipe_stages = 1;            ///< P; for links the latency L
  std::uint64_t buffer_tokens = 0;          ///< links: B; 0 for other units
  std::vector<bool> is_gate;                ///< of each input: needed by the first token of a frame only
};

/// Units with an issue stage, and links (contract, section 3).
class IssueTimeline : public UnitTimeline {
 public:
  IssueTimeline(UnitPorts ports, IssueConstants constants);

  Advance advance() override;
  bool finished() const override { return accepted_ == constants_.tokens && !holding_ && pushed_ == moved_; }
  UnitWait wait() const override;

 private:
  bool is_link() const { return constants_.buffer_tokens > 0; }
  bool needs(std::size_t input) const {
    return token_in_frame_ == 0 || !has_gates_ || !constants_.is_gate[input];
  }
  Advance advance_plain();
  bool inputs_known() const;
  bool credit_known() const {
    return accepted_ < constants_.buffer_tokens || pushed_ + constants_.buffer_tokens > accepted_;
  }
  bool try_push();
  bool try_move();
  bool try_accept();
  void count_token(Cycle available, Cycle accept, Cycle issue);

  UnitPorts ports_;
  IssueConstants constants_;
  bool has_gates_;
  bool is_plain_;     ///< neither gates nor a result of many tokens nor credits
  CycleRing moves_;   ///< x of results not yet pushed
  CycleRing pushes_;  ///< e of the latest results
  std::uint64_t accepted_ = 0;
  std::uint64_t token_in_frame_ = 0;
  std::uint64_t frame_ = 0;
  std::uint64_t moved_ = 0;  ///< results in the pipe or behind it
  std::uint64_t pushed_ = 0;
  bool holding_ = false;  ///< a token is in the issue stage, and when it leaves is not known
  Cycle issued_ = 0;      ///< the last cycle of its occupation
  Cycle last_move_ = -1;  ///< x of the token before
  Cycle last_push_ = -1;
};

}  // namespace lacuna::tomato::timeline
