// SPDX-License-Identifier: Apache-2.0
#include "connect/batch_writer.h"

namespace karez::connect {
namespace {
constexpr Duration kRetry = std::chrono::milliseconds(5);
}

BatchWriter::BatchWriter(DriverContext& context, model::TenantId tenant, LinkCounters& counters, AckMaker ack)
    : context_(context), tenant_(tenant), counters_(counters), make_ack_(std::move(ack)) {}

BatchWriter::~BatchWriter() { counters_.lost.add(pending()); }

bool BatchWriter::due(Timestamp now) const noexcept {
  return pending() > 0 && now - block_->header.received >= kMaxSpan;
}

bool BatchWriter::add(const model::Sample& sample, Timestamp received, std::string_view text) {
  if (!block_) {
    block_ = context_.blocks.acquire();
    if (!block_) return false;
  }
  if (block_->empty()) {
    block_->header.source = context_.source;
    block_->header.tenant = tenant_;
    block_->header.received = received;
  } else if (received - block_->header.received >= kMaxSpan || received < block_->header.received) {
    return false;  // our clock stepping back ends the block too
  }
  bool added = false;
  if (sample.type != model::ValueType::text) {
    added = block_->add(sample);
  } else if (text.size() <= model::SampleBatch::kMaxText) {
    added = block_->add_text(sample, text);
  } else {
    model::Sample refused = sample;
    refused.quality = model::quality::kBadOutOfRange;
    added = block_->add_text(refused, {});
  }
  if (added) counters_.sample(sample.quality, received);
  return added;
}

net::Task<Result<>> BatchWriter::make_room(std::stop_token stop) {
  KZ_CO_CHECK(co_await flush(stop));
  bool counted = false;
  while (!block_) {
    block_ = context_.blocks.acquire();
    if (block_) break;
    if (!std::exchange(counted, true)) counters_.overruns.add();
    KZ_CO_CHECK(co_await context_.loop.sleep(kRetry, stop));
  }
  co_return {};
}

net::Task<Result<>> BatchWriter::put(model::Sample sample, Timestamp received, std::string_view text,
                                     std::stop_token stop) {
  while (!add(sample, received, text)) KZ_CO_CHECK(co_await make_room(stop));
  co_return {};
}

net::Task<Result<>> BatchWriter::flush(std::stop_token stop) {
  if (pending() == 0) co_return {};
  block_->header.seq = context_.next_seq;
  model::DurableAck ack = make_ack_ ? make_ack_() : model::DurableAck{};
  bool counted = false;
  for (;;) {
    const auto submitted = context_.out.submit(block_, ack);
    if (submitted) break;
    if (submitted.error().code() != Errc::exhausted) {
      counters_.lost.add(block_->size());
      block_ = {};
      co_return std::unexpected(submitted.error());
    }
    if (!std::exchange(counted, true)) counters_.overruns.add();
    KZ_CO_CHECK(co_await context_.loop.sleep(kRetry, stop));
  }
  ++context_.next_seq;
  block_ = {};
  co_return {};
}

}  // namespace karez::connect
