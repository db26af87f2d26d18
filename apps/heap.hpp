// How the tools get their memory from the system.
#pragma once

namespace irene::apps {

/// Makes malloc use one never-shrinking heap of 2 MiB pages; first touches dominate short runs on virtual
/// machines: a fault took 15 us on one where the tools took 2 to 3 times as long without this. Call before
/// any thread starts. Where the system or its limits do not have it, all stays as it was. Results do not
/// depend on it.
void prepare_heap() noexcept;

}  // namespace irene::apps
