// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "connect/driver.h"

namespace karez::connect::modbus {

/// Tries a link before it is saved: name, connection, identification, first values of `points` (at most
/// 20), or a probe of the first device when there are none. A failed step is in the report, not an error.
net::Task<Result<TestReport>> try_link(net::Loop& loop, Clock& clock, LinkConfig link,
                                       std::shared_ptr<const PointMap> points, net::Deadline deadline);

}  // namespace karez::connect::modbus
