#include <memory>
#include <thread>

#include "models/common/error.h"
#include "sim/mpi/launcher.h"
#include "sim/mpi/messages.h"
#include "sim/mpi/patience.h"
#include "sim/mpi/rank_team.h"

namespace lacuna::mpi {
namespace {

class ServingRank {
 public:
  explicit ServingRank(Mailbox& mailbox) : mailbox_(mailbox) {}

  void serve() {
    Patience patience;
    while (!ended_) {
      launcher_.interrupt_if_gone();
      leave_if_interrupted();
      const bool any_in = take_letters();
      const bool any_out = pass_on(patience.now());
      if (any_in || any_out) {
        patience.busy();
      } else {
        patience.idle();
      }
    }
    worker_.reset();
    mailbox_.send(0, bare(Kind::farewell));
    mailbox_.settle();
  }

 private:
  bool take_letters() {
    bool any = false;
    while (const auto letter = mailbox_.receive()) {
      take(letter->message);
      any = true;
    }
    return any;
  }

  void take(const std::string& message) {
    switch (kind_of(message)) {
      case Kind::start:
        start_worker(message);
        return;
      case Kind::batch:
        if (worker_ != nullptr) {
          worker_->send(message);
        }
        return;
      case Kind::end:
        ended_ = true;
        return;
      default:
        return;
    }
  }

  void start_worker(const std::string& message) {
    try {
      worker_ = std::make_unique<WorkerProcess>(message);
    } catch (const Error& error) {
      mailbox_.send(0, encode_failure(error));
    }
  }

  bool pass_on(std::chrono::milliseconds patience) {
    if (worker_ == nullptr) {
      std::this_thread::sleep_for(patience);
      return false;
    }
    auto message = worker_->receive(patience);
    if (!message) {
      return false;
    }
    mailbox_.send(0, std::move(*message));
    return true;
  }

  Mailbox& mailbox_;
  const Launcher launcher_;
  std::unique_ptr<WorkerProcess> worker_;
  bool ended_ = false;
};

}  // namespace

void serve_rank(Mailbox& mailbox) {
  ServingRank(mailbox).serve();
}

}  // namespace lacuna::mpi
