// SPDX-License-Identifier: Apache-2.0
#include "stores/object_store.h"

#include <utility>

namespace karez::stores {

Result<ObjectKey> ObjectStore::put(std::string_view name_space, ByteView bytes) {
  ByteView rest = bytes;
  const ByteSource once = [&rest]() -> Result<ByteView> { return std::exchange(rest, {}); };
  return put(name_space, once, bytes.size());
}

}  // namespace karez::stores
