#include "sim/mpi/mailbox.h"

#include <thread>
#include <utility>

#include "sim/mpi/patience.h"

namespace lacuna::mpi {
namespace {

constexpr int tag = 0;

}  // namespace

Mailbox::Mailbox(boost::mpi::communicator ranks) : ranks_(std::move(ranks)) {}

void Mailbox::send(int rank, std::string message) {
  forget_received();
  sent_.push_back({std::move(message), {}});
  Sent& sent = sent_.back();
  sent.request = ranks_.isend(rank, tag, sent.message.data(), static_cast<int>(sent.message.size()));
}

std::optional<Mailbox::Letter> Mailbox::receive() {
  const auto status = ranks_.iprobe(boost::mpi::any_source, tag);
  if (!status) {
    return std::nullopt;
  }
  Letter letter{status->source(), std::string(static_cast<std::size_t>(status->count<char>().get()), '\0')};
  ranks_.recv(letter.rank, tag, letter.message.data(), static_cast<int>(letter.message.size()));
  return letter;
}

void Mailbox::forget_received() {
  sent_.remove_if([](Sent& sent) { return sent.request.test().has_value(); });
}

void Mailbox::settle() {
  Patience patience;
  for (forget_received(); !sent_.empty(); forget_received()) {
    std::this_thread::sleep_for(patience.idle());
  }
}

}  // namespace lacuna::mpi
