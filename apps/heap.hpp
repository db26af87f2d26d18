// How the tools get their memory from the system.
#pragma once

namespace irene::apps {

/// Lets malloc take memory in large steps and large pages, and keep it. The first touch of a page costs more
/// than reading a page's worth of trees, most of all on virtual machines, and there are 512 small pages in a
/// large one. Call it once, early and before there are threads. Where the system or its limits do not have
/// it, all stays as it was. Results do not depend on it.
void prepare_heap() noexcept;

}  // namespace irene::apps
